import { Scalar } from 'yaml'
import { shown } from '../../text/shown.ts'
import { variableFrom } from '../variables/variable.ts'
import { type Entry, entriesOf } from '../yaml/entries.ts'
import { hasAssignment } from './assignment.ts'
import { parseHostKey } from './host-range.ts'
import type { Location, Problems } from './problems.ts'
import { define, hostOf, limitHosts, type RawGroup, type RawInventory } from './raw-inventory.ts'
import { mappingOf, type SectionContext } from './section.ts'

/** Reads an entry under `hosts:`: puts each host that the key stands for, with its variables, into the inventory and the group. */
export function readHost(
  context: SectionContext,
  raw: RawInventory,
  group: RawGroup,
  entry: Entry,
): void {
  const { source, problems } = context
  const location = source.locationOf(entry.keyNode)
  if (hasAssignment(entry.key, location, problems)) return
  const key = parseHostKey(entry.key)
  if (key.kind === 'fault') {
    problems.add(location, `host ${shown(entry.key)}: ${key.fault}`)
    return
  }
  limitHosts(raw, key.names.length, location, problems)
  const known = new Set(key.names.filter((name) => raw.hosts.has(name)))
  const hosts = key.names.map((name) => hostOf(raw, name, location))
  for (const { name } of hosts) group.hosts.add(name)
  if (key.port) {
    const fresh = hosts.filter(({ name }) => !known.has(name))
    define(raw, fresh, variableFrom(source, portOf(key.port, entry)))
    warnOfLatePort(location, key.port, [...known], problems)
  }
  const body = mappingOf(context, entry, `host ${shown(entry.key)}`)
  for (const one of body ? entriesOf(source, body) : []) {
    define(raw, hosts, variableFrom(source, one))
  }
  limitHosts(raw, 0, location, problems)
}

/** Warns where a port has no effect, in Ansible neither: it counts only where its host is named first. */
export function warnOfLatePort(
  location: Location,
  port: string,
  [name]: readonly string[],
  problems: Problems,
): void {
  if (name === undefined) return
  problems.warn(
    location,
    `the port ${port} has no effect, because an earlier line names host ${name}. Set ansible_port for it`,
  )
}

/** The variable that a port behind the name of a host sets. */
function portOf(port: string, { keyNode }: Entry): Entry {
  const value = new Scalar(port)
  value.range = keyNode.range ?? null
  return { key: 'ansible_port', keyNode, value }
}
