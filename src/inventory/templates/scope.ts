import type { Hierarchy } from '../reading/hierarchy.ts'
import type { Holder, RawInventory } from '../reading/raw-inventory.ts'
import { holdersOf } from '../variables/precedence.ts'
import type { Variable } from '../variables/variable.ts'
import type { Given, Scope } from './evaluate.ts'

/** Where the names in templates lead in this inventory. Variables of the command line win there, too. */
export function scopeOf(
  raw: RawInventory,
  hierarchy: Hierarchy,
  extra: ReadonlyMap<string, Variable>,
  fileDirectoryOf: (source: string) => string | undefined,
): Scope {
  const holders = new Map<string, readonly Holder[]>()
  const holdersFor = (name: string): readonly Holder[] => {
    const host = raw.hosts.get(name)
    const known = holders.get(name) ?? (host ? holdersOf(host, raw, hierarchy) : [])
    holders.set(name, known)
    return known
  }
  return {
    variable(host, name) {
      const holder = holdersFor(host).findLast(
        (one) => one.variables.has(name) || one.foreign.has(name),
      )
      const found = extra.get(name) ?? holder?.variables.get(name) ?? holder?.foreign.get(name)
      if (found) return givenBy(found)
      const [vault] = raw.vaults
      return vault === undefined
        ? undefined
        : {
            fault: `is in no file that fw-run can read. Perhaps it is in ${vault}, which is encrypted with ansible-vault`,
          }
    },
    directoryOf(name) {
      const host = raw.hosts.get(name)
      return host && fileDirectoryOf(host.location.source)
    },
    hasHost: (name) => raw.hosts.has(name),
    hostsOf: (group) => hierarchy.members.get(group),
    groupsOf: (host) =>
      hierarchy
        .groupsOf(host)
        .map(({ name }) => name)
        .filter((name) => name !== 'all')
        .sort(),
  }
}

function givenBy({ value, template, marked, unreadable }: Variable): Given {
  if (value !== undefined) return { value: marked ?? value }
  if (template != null) return { value: marked ?? template }
  return { fault: unreadable?.message ?? 'cannot be read' }
}
