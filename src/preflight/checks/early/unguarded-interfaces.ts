import type { Interface } from '../../../facts/interfaces.ts'
import { leadsToPods } from '../../../facts/pod-interface-names.ts'
import { type EarlyCheck, pass } from '../../check.ts'
import { alsoOpen } from '../../evidence/guarded-interfaces.ts'

/** Whether outsiders may come in by an interface that the guard does not guard. What other rules stop there is not asked. */
export const otherInterfaces: EarlyCheck = {
  id: 'unguarded-interfaces',
  judge({ intent: { interfaces, network } }) {
    const open = network.interfaces
      .filter((one) => mayLeadIn(one) && !interfaces.includes(one.name))
      .map(({ name }) => name)
    return open.length === 0 ? pass : alsoOpen(open, interfaces)
  },
}

/** Interfaces of the host itself and of containers: the programs that make them let no outsider in by them. */
const inner = /^(lo$|kube-|nodelocaldns|dummy|docker|br-[\da-f]{12}$|podman|cni-podman)/

function mayLeadIn({ name, up, addresses, master }: Interface): boolean {
  const inUse = up && addresses.length > 0 && master === undefined
  return inUse && !inner.test(name) && !leadsToPods(name)
}
