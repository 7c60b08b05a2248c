import { inForward, isPort } from '../../../facts/interfaces.ts'
import { podRoutes } from '../../../facts/pod-routes.ts'
import { judgesInForward } from '../../../guard/intent.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { type EarlyCheck, pass } from '../../check.ts'
import { alsoOpen, leadsNobodyIn } from '../../evidence/guarded-interfaces.ts'

/**
 * Whether outsiders may come in by an interface that the guard does not guard. What other rules stop there is not asked. An
 * interface without an address counts, too: Linux answers ARP there for its other addresses, and drops packets only if rp_filter
 * is on (__fib_validate_source, net/ipv4/fib_frontend.c), which IPv6 does not have.
 */
export const otherInterfaces: EarlyCheck = {
  id: 'unguarded-interfaces',
  judge({ facts, intent }) {
    const { interfaces, network } = intent
    const withIpv6 = new Set(facts.ipv6.addresses.map(({ device }) => device))
    const byIpv6 = podRoutes({ ...network, routes: [] }, facts.ipv6).length > 0
    const seen = judgesInForward(intent)
      ? inForward(network.interfaces)
      : network.interfaces.filter(({ vrf }) => !vrf)
    const comingIn = seen.filter(
      (one) =>
        one.up &&
        !isPort(one, network.interfaces) &&
        !leadsNobodyIn(one.name) &&
        !areMeant(interfaces, one.name),
    )
    const bare = comingIn
      .filter(({ name, addresses }) => addresses.length === 0 && !withIpv6.has(name))
      .map(({ name }) => name)
    const lax = bare.filter((name) => byIpv6 || facts.sourceFilters.get(name) === 0)
    const open = comingIn
      .map(({ name }) => name)
      .filter((name) => !bare.includes(name) || lax.includes(name))
    return open.length === 0 ? pass : alsoOpen(open, interfaces, lax, byIpv6 ? [] : lax)
  },
}
