import type { YAMLMap } from 'yaml'
import { isPrintable } from '../../text/printable.ts'
import { shown } from '../../text/shown.ts'
import { nearest } from '../../text/suggestion.ts'
import { variableFrom } from '../variables/variable.ts'
import { type Entry, entriesOf } from '../yaml/entries.ts'
import type { YamlSource } from '../yaml/yaml-source.ts'
import { hasAssignment } from './assignment.ts'
import { readHost } from './host-reader.ts'
import type { Problems } from './problems.ts'
import { define, groupOf, type RawGroup, type RawInventory } from './raw-inventory.ts'
import { entriesOfSection, mappingOf } from './section.ts'

/** Reads a mapping of groups into an inventory, and records what does not belong there. */
export function readGroups(
  source: YamlSource,
  top: YAMLMap,
  raw: RawInventory,
  problems: Problems,
): void {
  const context = { source, problems }

  const readGroup = (entry: Entry): RawGroup | undefined => {
    const location = source.locationOf(entry.keyNode)
    if (hasAssignment(entry.key, location, problems)) return undefined
    if (entry.key === '' || !isPrintable(entry.key)) {
      problems.add(location, `${shown(entry.key)} is not a group name`)
      return undefined
    }
    const group = groupOf(raw, entry.key, location)
    const body = mappingOf(context, entry, `group ${shown(entry.key)}`)
    for (const section of body ? entriesOf(source, body) : []) readSection(group, section)
    return group
  }
  const readSection = (group: RawGroup, section: Entry): void => {
    switch (section.key) {
      case 'vars':
        for (const entry of entriesOfSection(context, section)) {
          define(raw, [group], variableFrom(source, entry))
        }
        return
      case 'children':
        for (const entry of entriesOfSection(context, section)) {
          const child = readGroup(entry)
          if (child) group.children.set(child.name, source.locationOf(entry.keyNode))
        }
        return
      case 'hosts':
        for (const entry of entriesOfSection(context, section)) {
          readHost(context, raw, group, entry)
        }
        return
      default:
        reportUnknown(group, section)
    }
  }
  const reportUnknown = (group: RawGroup, { key, keyNode }: Entry): void => {
    const location = source.locationOf(keyNode)
    if (hasAssignment(key, location, problems)) return
    const where = `group ${shown(group.name)}`
    const section = nearest(key, SECTIONS)[0]
    if (/^(fw|ansible)_/.test(key)) {
      problems.add(location, `${shown(key)} stands directly in ${where}: put it under "vars:"`)
    } else if (section) {
      // Ansible only warns. But the hosts of a misspelt `hosts:` would be missing from the set.
      problems.add(location, `${shown(key)} in ${where}: did you mean "${section}"?`)
    } else {
      problems.warn(
        location,
        `${shown(key)} in ${where} is ignored: a group has only hosts, children and vars`,
      )
    }
  }
  for (const entry of entriesOf(source, top)) {
    if (!isMisplaced(entry, source, problems)) readGroup(entry)
  }
}

function isMisplaced({ key, keyNode }: Entry, source: YamlSource, problems: Problems): boolean {
  const location = source.locationOf(keyNode)
  if (key === 'plugin') {
    problems.add(
      location,
      'this configures an Ansible inventory plugin; it lists no hosts',
      'Let Ansible write the list: ansible-inventory -i FILE --list --yaml > inventory.yaml',
    )
    return true
  }
  if (key === '_meta') {
    problems.add(
      location,
      'this is the output of a dynamic inventory, not an inventory file',
      'Convert it: ansible-inventory -i FILE --list --yaml > inventory.yaml',
    )
    return true
  }
  if (SECTIONS.includes(key) || key.startsWith('fw_')) {
    const where = SECTIONS.includes(key) ? '"all:"' : '"all:", "vars:"'
    problems.add(location, `${shown(key)} stands at the top level: put it under ${where}`)
    return true
  }
  return false
}

const SECTIONS: readonly string[] = ['hosts', 'children', 'vars']
