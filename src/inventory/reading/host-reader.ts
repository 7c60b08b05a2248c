import { Scalar } from 'yaml'
import { maxHostNames, maxSetMembers } from '../../limits.ts'
import { shown } from '../../text/shown.ts'
import type { Variable } from '../variables/variable.ts'
import { type Entry, entriesOf } from '../yaml/entries.ts'
import { parseHostKey } from './host-range.ts'
import { hostOf, type RawGroup, type RawInventory } from './raw-inventory.ts'
import { mappingOf, type SectionContext } from './section.ts'

/** Puts the variable of an entry into a map, if it concerns fw-run. */
export type Define = (into: Map<string, Variable>, entry: Entry) => void

/**
 * A reader of entries under `hosts:`: puts each host that a key stands for, with its variables, into the inventory and
 * the group. Ends the reading at more hosts than a set could hold.
 */
export function createHostReader(
  context: SectionContext,
  raw: RawInventory,
  define: Define,
): (group: RawGroup, entry: Entry) => void {
  const { source, problems } = context
  let named = 0
  return (group, entry) => {
    const location = source.locationOf(entry.keyNode)
    const key = parseHostKey(entry.key)
    if (key.kind === 'fault') {
      problems.add(location, `host ${shown(entry.key)}: ${key.fault}`)
      return
    }
    named += key.names.length
    if (named > maxHostNames)
      problems.stop(location, `ranges name more than ${maxHostNames.toLocaleString('en')} hosts`)
    const defined = new Map<string, Variable>()
    if (key.port) define(defined, portOf(key.port, entry))
    const body = mappingOf(context, entry, `host ${shown(entry.key)}`)
    for (const one of body ? entriesOf(source, body) : []) define(defined, one)
    for (const name of key.names) {
      const host = hostOf(raw, name, location)
      for (const variable of defined.values()) host.variables.set(variable.name, variable)
      group.hosts.add(name)
    }
    if (raw.hosts.size > maxSetMembers) {
      problems.stop(
        location,
        `more than ${maxSetMembers.toLocaleString('en')} hosts: a set cannot hold their addresses`,
      )
    }
  }
}

/** The variable that a port behind the name of a host sets. */
function portOf(port: string, { keyNode }: Entry): Entry {
  const value = new Scalar(port)
  value.range = keyNode.range ?? null
  return { key: 'ansible_port', keyNode, value }
}
