import type { Interface } from '../../../facts/interfaces.ts'
import { areMeant } from '../../../inventory/interface-names.ts'
import { type EarlyCheck, pass } from '../../check.ts'
import { alsoOpen, leadsNobodyIn } from '../../evidence/guarded-interfaces.ts'

/** Whether outsiders may come in by an interface that the guard does not guard. What other rules stop there is not asked. */
export const otherInterfaces: EarlyCheck = {
  id: 'unguarded-interfaces',
  judge({ intent: { interfaces, network } }) {
    const open = network.interfaces
      .filter((one) => mayLeadIn(one) && !areMeant(interfaces, one.name))
      .map(({ name }) => name)
    return open.length === 0 ? pass : alsoOpen(open, interfaces)
  },
}

function mayLeadIn({ name, up, addresses, master }: Interface): boolean {
  const inUse = up && addresses.length > 0 && master === undefined
  return inUse && !leadsNobodyIn(name)
}
