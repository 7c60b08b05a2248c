import { inForward, isPort } from '../../../facts/interfaces.ts'
import { podRoutes } from '../../../facts/pod-routes.ts'
import { letsInWithoutAddress } from '../../../guard/entry-without-address.ts'
import { admitted, judgesInForward } from '../../../guard/intent.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { type EarlyCheck, pass } from '../../check.ts'
import { alsoOpen, leadsNobodyIn } from '../../evidence/guarded-interfaces.ts'

/**
 * Whether outsiders may come in by an interface that the guard does not guard. What other rules stop there is not asked. An
 * interface without an address counts, too: Linux answers ARP there for its other addresses, and drops packets from where it has
 * no route only if rp_filter is on, which IPv6 does not have.
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
    const bare = comingIn.filter(
      ({ name, addresses }) => addresses.length === 0 && !withIpv6.has(name),
    )
    const insiders = [...intent.podCidrs, ...intent.otherPods, ...admitted(intent)]
    const free = bare.filter((one) => byIpv6 || letsInWithoutAddress(one, network, insiders))
    const filterable = bare
      .filter((one) => !free.includes(one) && facts.sourceFilters.get(one.name) === 0)
      .map(({ name }) => name)
    const lax = [...free.map(({ name }) => name), ...filterable]
    const open = comingIn
      .filter((one) => !bare.includes(one) || lax.includes(one.name))
      .map(({ name }) => name)
    return open.length === 0 ? pass : alsoOpen(open, interfaces, lax, filterable)
  },
}
