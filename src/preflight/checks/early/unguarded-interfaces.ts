import { isPort } from '../../../facts/interfaces.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { type EarlyCheck, pass } from '../../check.ts'
import { alsoOpen, leadsNobodyIn } from '../../evidence/guarded-interfaces.ts'

/** Whether outsiders may come in by an interface that the guard does not guard. What other rules stop there is not asked. */
export const otherInterfaces: EarlyCheck = {
  id: 'unguarded-interfaces',
  judge({ facts, intent: { interfaces, network } }) {
    const withIpv6 = new Set(facts.ipv6.addresses.map(({ device }) => device))
    const open = network.interfaces
      .filter((one) => {
        const { name, up, addresses, vrf } = one
        const comesIn = up && !vrf && !isPort(one, network.interfaces)
        const inUse = comesIn && (addresses.length > 0 || withIpv6.has(name))
        return inUse && !leadsNobodyIn(name) && !areMeant(interfaces, name)
      })
      .map(({ name }) => name)
    return open.length === 0 ? pass : alsoOpen(open, interfaces)
  },
}
