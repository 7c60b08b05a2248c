import { isDeepStrictEqual } from 'node:util'
import type { Selection } from '../../cluster/select-hosts.ts'
import { changedFileOf } from '../../inventory/files-read.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { Objection } from '../../transaction/outcome.ts'
import { sharedLooks } from '../../waiting/shared-looks.ts'
import type { InterfacesOf } from '../choose-interface.ts'

/** Why what was planned is not wanted any more; undefined: it is. Never rejects. */
export type Overtaken = () => Promise<Objection | undefined>

/**
 * Objects where a file of the inventory was changed since this run read it, and not only in what does not count for it: at a password
 * prompt, another run may have added a host to all sets, and what this one has planned would take it out again.
 */
export function changedSince(selection: Selected, depending: Depending): Overtaken {
  let changedFile = changedFileOf(selection.inventory.files)
  return sharedLooks(async () => {
    const file = await changedFile()
    if (file === undefined) return undefined
    const now = await selection.again?.().catch(() => undefined)
    if (!now || !isDeepStrictEqual(whatCounts(now, depending), whatCounts(selection, depending)))
      return {
        kind: 'overtaken',
        reason: `${file} was changed, deleted or made unreadable after fw-run read it`,
      }
    changedFile = changedFileOf(now.inventory.files)
    return undefined
  })
}

/** The kind of a run's goal. To protect hosts also depends on which interfaces the run guards there: the answer of a user may be no setting yet. */
type Depending =
  | { readonly kind: 'protect'; readonly interfacesOf: InterfacesOf }
  | { readonly kind: 'remove' }

/** The hosts of a run, by an inventory, and the way to load it anew. */
type Selected = Pick<Selection, 'hosts' | 'again'> & {
  readonly inventory: Pick<Inventory, 'files' | 'nodes'>
}

/** The hosts of a run with their settings, and the nodes with their addresses and pod networks, which only protection depends on. Passwords do not count: the run is logged in. Nor does the order of hosts, or a group. */
function whatCounts({ inventory, hosts }: Selected, depending: Depending): unknown {
  const isToProtect = depending.kind === 'protect'
  return {
    nodes:
      isToProtect &&
      new Map(
        inventory.nodes.map(({ name, settings: { addresses, podCidrs } }) => [
          name,
          { addresses, podCidrs },
        ]),
      ),
    hosts: new Map(
      hosts.map((host) => [
        host.name,
        {
          ...host,
          ...{ groups: undefined, password: undefined, becomePassword: undefined },
          settings: {
            ...host.settings,
            interfaces: isToProtect && depending.interfacesOf(host),
            // The line on which a probe stands is no setting.
            probes: host.settings.probes.map(({ probe }) => probe),
            // No plan depends on which warnings are accepted.
            accept: undefined,
          },
        },
      ]),
    ),
  }
}

/** The report, refused if what was planned is not wanted any more. Nothing is asked where the run would change nothing in any case. */
export async function unlessOvertaken(
  found: RunReport,
  { check }: { readonly check: boolean },
  overtaken: Overtaken,
): Promise<RunReport> {
  if (check || (found.kind !== 'pending' && found.kind !== 'done')) return found
  const objection = await overtaken()
  return objection ? { ...found, kind: 'refused', objections: [objection] } : found
}
