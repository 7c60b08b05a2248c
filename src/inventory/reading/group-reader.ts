import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { isPrintable } from '../../text/printable.ts'
import { shown } from '../../text/shown.ts'
import { nearest } from '../../text/suggestion.ts'
import { type Variable, variableFrom } from '../variables/variable.ts'
import {
  type Entry,
  entriesOf,
  resolved,
  scalarText,
  type YamlSource,
} from '../yaml/yaml-source.ts'
import { parseHostKey } from './host-range.ts'
import type { Problems } from './problems.ts'
import { groupOf, hostOf, type RawGroup, type RawInventory } from './raw-inventory.ts'

/** Reads groups out of a parsed inventory into an raw, and records what does not belong. */
export class GroupReader {
  readonly #source: YamlSource
  readonly #problems: Problems
  readonly #raw: RawInventory = { groups: new Map(), hosts: new Map() }
  /** Every variable seen, also those that a later definition replaces. */
  readonly #variables: Variable[] = []

  constructor(source: YamlSource, problems: Problems) {
    this.#source = source
    this.#problems = problems
  }

  /** The raw of a mapping of groups, with every definition of a variable. */
  read(top: YAMLMap): { readonly raw: RawInventory; readonly variables: readonly Variable[] } {
    for (const entry of entriesOf(this.#source, top)) {
      if (this.#isMisplaced(entry)) continue
      this.#readGroup(entry, [])
    }
    return { raw: this.#raw, variables: this.#variables }
  }

  #isMisplaced({ key, keyNode }: Entry): boolean {
    const place = this.#source.placeOf(keyNode)
    if (key === 'plugin') {
      this.#problems.add(
        place,
        'this configures an Ansible inventory plugin, it lists no hosts',
        'Let Ansible write the list: ansible-inventory -i FILE --list --yaml > inventory.yaml',
      )
      return true
    }
    if (SECTIONS.includes(key) || key.startsWith('fw_')) {
      const where = SECTIONS.includes(key) ? '"all:"' : '"all:", "vars:"'
      this.#problems.add(place, `${shown(key)} stands at the top level: put it under ${where}`)
      return true
    }
    return false
  }

  #readGroup(entry: Entry, open: readonly Node[]): RawGroup | undefined {
    const place = this.#source.placeOf(entry.keyNode)
    if (entry.key === '' || !isPrintable(entry.key)) {
      this.#problems.add(place, `${shown(entry.key)} is not a group name`)
      return undefined
    }
    const group = groupOf(this.#raw, entry.key, place)
    const body = this.#mapping(entry, `group ${shown(entry.key)}`, 'hosts:, children: or vars:')
    if (!body) return group
    if (open.includes(body)) {
      this.#problems.add(place, `group ${shown(entry.key)} contains itself`)
      return group
    }
    for (const section of entriesOf(this.#source, body)) {
      this.#readSection(group, section, [...open, body])
    }
    return group
  }

  #readSection(group: RawGroup, section: Entry, open: readonly Node[]): void {
    switch (section.key) {
      case 'vars':
        for (const entry of this.#entries(section, 'vars:', 'name: value')) {
          this.#define(group.variables, entry)
        }
        return
      case 'children':
        for (const entry of this.#entries(section, 'children:', 'group:')) {
          const child = this.#readGroup(entry, open)
          if (child) group.children.set(child.name, this.#source.placeOf(entry.keyNode))
        }
        return
      case 'hosts':
        for (const entry of this.#entries(section, 'hosts:', 'name:')) this.#readHost(group, entry)
        return
      default:
        this.#reportUnknown(group, section)
    }
  }

  #readHost(group: RawGroup, entry: Entry): void {
    const place = this.#source.placeOf(entry.keyNode)
    const key = parseHostKey(entry.key)
    if (key.kind === 'fault') {
      this.#problems.add(place, `host ${shown(entry.key)}: ${key.fault}`)
      return
    }
    const body = this.#mapping(entry, `host ${shown(entry.key)}`, 'name: value')
    const defined = new Map<string, Variable>()
    for (const variable of body ? entriesOf(this.#source, body) : []) {
      this.#define(defined, variable)
    }
    for (const name of key.names) {
      const host = hostOf(this.#raw, name, place)
      if (key.port) host.variables.set('ansible_port', this.#gluedPort(entry, key.port))
      for (const variable of defined.values()) host.variables.set(variable.name, variable)
      group.hosts.add(name)
    }
  }

  #gluedPort({ keyNode }: Entry, port: string): Variable {
    const place = this.#source.placeOf(keyNode)
    const whole = { place, value: port, flaw: undefined, extra: false, placeOf: () => place }
    return { name: 'ansible_port', ...whole }
  }

  #define(variables: Map<string, Variable>, entry: Entry): void {
    const variable = variableFrom(this.#source, entry)
    this.#variables.push(variable)
    variables.set(variable.name, variable)
  }

  #reportUnknown(group: RawGroup, { key, keyNode }: Entry): void {
    const place = this.#source.placeOf(keyNode)
    const where = `group ${shown(group.name)}`
    const section = nearest(key, SECTIONS)[0]
    if (/^(fw|ansible)_/.test(key)) {
      this.#problems.add(place, `${shown(key)} stands directly in ${where}: put it under "vars:"`)
    } else if (section) {
      // Ansible only warns; but a misspelt `hosts:` would leave its hosts out of the set.
      this.#problems.add(place, `${shown(key)} in ${where}: did you mean "${section}"?`)
    } else {
      this.#problems.warn(
        place,
        `${shown(key)} in ${where} is not read: only hosts, children and vars`,
      )
    }
  }

  #entries(section: Entry, noun: string, shape: string): readonly Entry[] {
    const value = resolved(this.#source, section.value)
    // Ansible takes `hosts: node1` for a mapping with one empty entry.
    if (section.key !== 'vars' && isScalar(value) && typeof value.value === 'string') {
      return [{ key: scalarText(value), keyNode: value, value: null }]
    }
    const map = this.#mapping(section, noun, shape)
    return map ? entriesOf(this.#source, map) : []
  }

  /** The mapping that a key holds; undefined for none, and a problem for anything else. */
  #mapping(entry: Entry, noun: string, shape: string): YAMLMap | undefined {
    const value = resolved(this.#source, entry.value)
    if (isMap(value)) return value
    if (isScalar(value) && value.value === null) return undefined
    if (value === null && entry.value === null) return undefined
    const what = isSeq(value) ? 'a list' : value === null ? 'an alias to nothing' : 'a plain value'
    this.#problems.add(
      this.#source.placeOf(entry.value),
      `${noun} holds ${what} where a mapping belongs`,
      value === null
        ? undefined
        : `Write each entry on a line of its own as "${shape}", without a dash before it.`,
    )
    return undefined
  }
}

const SECTIONS: readonly string[] = ['hosts', 'children', 'vars']
