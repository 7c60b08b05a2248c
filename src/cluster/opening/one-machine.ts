import { type Finding, fail } from '../../preflight/check.ts'
import type { OpenedHost } from '../open-hosts.ts'

/**
 * Adds a failed check to each host that is the same machine as another one of these. Else the second would find the lock of
 * this very run on its machine, and its set would be changed twice.
 */
export function refuseTwins(opened: readonly OpenedHost[]): readonly OpenedHost[] {
  const machines = new Map<string, OpenedHost[]>()
  for (const one of opened) {
    const machine = one.facts?.machine
    if (machine !== undefined) machines.set(machine, [...(machines.get(machine) ?? []), one])
  }
  return opened.map((one) => {
    const others = machines.get(one.facts?.machine ?? '') ?? []
    const other = others.find(({ host }) => host.name !== one.host.name)
    return other ? { ...one, findings: [...one.findings, twin(one, other)] } : one
  })
}

function twin({ host }: OpenedHost, { host: other }: OpenedHost): Finding {
  const addresses = new Set([...host.settings.addresses, ...other.settings.addresses])
  const result = fail(
    `${host.name} (${host.address}) and ${other.name} (${other.address}) are one machine`,
    `Keep one of the two names in the inventory. List all addresses of that machine there: \`fw_addresses: [${[...addresses].join(', ')}]\`.`,
  )
  return { id: 'one-machine', result }
}
