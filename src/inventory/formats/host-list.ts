import { shown } from '../../text/shown.ts'
import { parseHostKey } from '../reading/host-range.ts'
import type { Problems } from '../reading/problems.ts'
import { define, groupOf, hostOf, type RawInventory } from '../reading/raw-inventory.ts'
import { plainVariable } from '../variables/variable.ts'

/** Adds the hosts of a list such as `node1,192.0.2.12,node3:2222`. As in Ansible, ranges are not for lists. */
export function readHostList(list: string, raw: RawInventory, problems: Problems): void {
  const location = {
    source: `-i ${list.length > 40 ? `${list.slice(0, 40)}…` : list}`,
    onCommandLine: true,
  }
  for (const text of list.split(',').map((one) => one.trim())) {
    if (text === '') continue
    const key = parseHostKey(text)
    if (key.kind === 'fault' || /[[\]]/.test(text.replace(/^\[.*\]:\d+$/, ''))) {
      const fault =
        key.kind === 'fault' ? key.fault : 'ranges are not allowed in a list: name each host'
      problems.add(location, `host ${shown(text)}: ${fault}`)
      continue
    }
    for (const name of key.names) {
      if (raw.hosts.has(name)) continue
      const host = hostOf(raw, name, location)
      groupOf(raw, 'ungrouped', location).hosts.add(name)
      if (key.port !== undefined)
        define(raw, [host], plainVariable('ansible_port', key.port, location))
    }
  }
}
