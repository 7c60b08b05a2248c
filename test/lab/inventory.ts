import { stringify } from 'yaml'
import type { PlannedHost } from './spec.ts'

/** What a test adds to the plain inventory of its lab. */
export type InventoryOverrides = {
  /** Added to `all.vars`. */
  readonly vars?: Readonly<Record<string, unknown>>
  /** Added to single hosts, by name; a name that the lab lacks becomes a further host. */
  readonly hosts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** An Ansible inventory of these hosts, as YAML text. */
export function renderInventory(
  hosts: readonly PlannedHost[],
  overrides: InventoryOverrides = {},
): string {
  const entries: Record<string, Record<string, unknown>> = {}
  for (const host of hosts) {
    entries[host.name] = {
      ansible_host: host.address,
      ...(host.sshPort === 22 ? {} : { ansible_port: host.sshPort }),
      ...(host.login === 'root' ? { ansible_user: 'root' } : {}),
    }
  }
  for (const [name, vars] of Object.entries(overrides.hosts ?? {})) {
    entries[name] = { ...entries[name], ...vars }
  }
  return stringify({
    all: {
      vars: { ansible_user: 'ops', fw_interface: hosts[0]?.interface, ...overrides.vars },
      hosts: entries,
    },
  })
}
