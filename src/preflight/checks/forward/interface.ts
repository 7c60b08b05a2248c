import { type ForwardCheck, pass } from '../../check.ts'
import { noneThere, unfitInterfaces } from '../../evidence/guarded-interfaces.ts'

/** Whether each guarded interface exists and is up, and whether one of them carries an address from the inventory. */
export const guardedInterface: ForwardCheck = {
  id: 'interface',
  judge(subject) {
    const { host, intent } = subject
    const { interfaces } = intent.network
    const missing = intent.interfaces.filter((name) => !interfaces.some((one) => one.name === name))
    if (missing.length > 0) return noneThere(host, missing, interfaces)
    const found = interfaces.filter(({ name }) => intent.interfaces.includes(name))
    return (
      unfitInterfaces(
        subject,
        found,
        found.flatMap(({ addresses }) => addresses),
      ) ?? pass
    )
  },
}
