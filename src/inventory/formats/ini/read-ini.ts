import { isPrintable } from '../../../text/printable.ts'
import { type ShellWord, shellWords } from '../../../text/shell-words.ts'
import { shown } from '../../../text/shown.ts'
import { didYouMean } from '../../../text/suggestion.ts'
import { hasAssignment } from '../../reading/assignment.ts'
import { parseHostKey } from '../../reading/host-range.ts'
import { warnOfLatePort } from '../../reading/host-reader.ts'
import type { Location, Problems } from '../../reading/problems.ts'
import {
  define,
  groupOf,
  hostOf,
  limitHosts,
  type RawGroup,
  type RawInventory,
} from '../../reading/raw-inventory.ts'
import { plainVariable } from '../../variables/variable.ts'
import { pythonLiteral } from './python-literal.ts'

/**
 * Adds what an inventory in Ansible's INI format states: sections of hosts, `[group:children]` and `[group:vars]`. As in Ansible, the
 * lines before the first section are hosts of no group.
 */
export function readIni(text: string, file: string, raw: RawInventory, problems: Problems): void {
  const reader = createReader(raw, problems)
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/)
    .forEach((line, index) => {
      const trimmed = line.trim()
      if (trimmed === '' || /^[#;]/.test(trimmed)) return
      const column = line.indexOf(trimmed) + 1
      reader.read(trimmed, { source: file, line: index + 1, column })
    })
  reader.end()
}

/** A group that is named before it is declared: by whose children, and where; or by its variables. */
interface Pending {
  readonly location: Location
  readonly parents: RawGroup[]
}

function createReader(raw: RawInventory, problems: Problems) {
  let state: 'hosts' | 'children' | 'vars' | 'skip' = 'hosts'
  let group: RawGroup | undefined
  const pending = new Map<string, Pending>()
  // Only where a line needs it: a group without lines would be one of the inventory.
  const ungrouped = (location: Location): RawGroup => groupOf(raw, 'ungrouped', location)

  const begin = (line: string, location: Location): void => {
    const [, name = '', kind = 'hosts'] = SECTION.exec(line) ?? []
    if (isAssignment(name || line, location)) {
      state = 'skip'
      return
    }
    if (!isPrintable(name) || name === '') {
      problems.add(
        location,
        `${shown(line)} is not a section: write [group], [group:children] or [group:vars]`,
      )
      state = 'skip'
      return
    }
    if (kind !== 'hosts' && kind !== 'children' && kind !== 'vars') {
      const meant = didYouMean(kind, ['hosts', 'children', 'vars'])
      problems.add(
        location,
        `[${name}:${kind}]: after ":" only hosts, children or vars is allowed${meant ? `: ${meant}` : ''}`,
      )
      state = 'skip'
      return
    }
    state = kind
    const isNew = !raw.groups.has(name) && !BUILT_IN.has(name)
    group = groupOf(raw, name, location)
    const before = pending.get(name)
    if (kind === 'vars') {
      if (isNew && !before) pending.set(name, { location, parents: [] })
    } else if (before) {
      for (const parent of before.parents) parent.children.set(name, before.location)
      pending.delete(name)
    }
  }

  const isAssignment = (text: string, location: Location): boolean =>
    hasAssignment(text, location, problems, 'Put variables of a group into a section [GROUP:vars].')

  const readChild = (line: string, location: Location): void => {
    const [, name] = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line) ?? []
    if (isAssignment(name ?? line, location)) return
    if (name === undefined) {
      problems.add(location, `${shown(line)} is not the name of a group`, ONE_NAME)
    } else if (group && (raw.groups.has(name) || BUILT_IN.has(name))) {
      groupOf(raw, name, location)
      group.children.set(name, location)
    } else if (group) {
      const known = pending.get(name)
      if (known) known.parents.push(group)
      else pending.set(name, { location, parents: [group] })
    }
  }

  const readVariable = (line: string, location: Location): void => {
    const equals = line.indexOf('=')
    const name = line.slice(0, equals).trim()
    if (equals < 0) {
      // The line may be a password that lost its name: it is not shown.
      problems.add(location, 'in a section [GROUP:vars], each line must be name=value')
    } else if (group)
      define(raw, [group], variableOf(name, line.slice(equals + 1).trim(), location))
  }

  const readHosts = (line: string, location: Location): void => {
    const words = shellWords(line, true)
    if (typeof words === 'string') {
      problems.add(location, `this line has ${words}`)
      return
    }
    const [pattern, ...assignments] = words
    if (!pattern) return
    if (isAssignment(pattern.text, location)) return
    const key = parseHostKey(pattern.text)
    if (key.kind === 'fault') {
      problems.add(location, `host ${shown(pattern.text)}: ${key.fault}`)
      return
    }
    limitHosts(raw, key.names.length, location, problems)
    const known = key.names.filter((name) => raw.hosts.has(name))
    const hosts = key.names.map((name) => hostOf(raw, name, location))
    const into = group ?? ungrouped(location)
    for (const { name } of hosts) into.hosts.add(name)
    if (key.port !== undefined) {
      const fresh = hosts.filter(({ name }) => !known.includes(name))
      define(raw, fresh, variableOf('ansible_port', key.port, location))
      warnOfLatePort(location, key.port, known, problems)
    }
    for (const word of assignments) readAssignment(word, hosts, location)
    limitHosts(raw, 0, location, problems)
  }

  const readAssignment = (
    { text, offset, cut }: ShellWord,
    hosts: Parameters<typeof define>[1],
    { column = 1, ...location }: Location,
  ): void => {
    const place = { ...location, column: column + offset }
    const equals = text.indexOf('=')
    if (equals < 0) {
      problems.add(place, 'after the name of a host, only name=value is allowed', NO_EQUALS)
      return
    }
    const name = text.slice(0, equals)
    define(raw, hosts, variableOf(name, text.slice(equals + 1), place))
    if (cut)
      problems.warn(
        place,
        `the value of ${name} ends before #, as in Ansible: quote the value if # belongs to it`,
      )
  }

  return {
    read(line: string, location: Location): void {
      if (SECTION.test(line) || (line.startsWith('[') && line.endsWith(']'))) begin(line, location)
      else if (state === 'hosts') readHosts(line, location)
      else if (state === 'children') readChild(line, location)
      else if (state === 'vars') readVariable(line, location)
    },
    end(): void {
      for (const [name, { location, parents }] of pending) {
        const meant = didYouMean(
          name,
          [...raw.groups.keys()].filter((one) => one !== name),
        )
        const fault =
          parents.length > 0
            ? `group ${shown(name)} is not declared`
            : `[${name}:vars]: group ${shown(name)} is not declared`
        problems.add(
          location,
          `${fault}${meant ? `: ${meant}` : ''}`,
          `Add a section [${name}] with its hosts.`,
        )
      }
    },
  }
}

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const BUILT_IN: ReadonlySet<string> = new Set(['all', 'ungrouped'])
const ONE_NAME = 'In a section [GROUP:children], write one group name in each line.'
const NO_EQUALS = 'Quote a value that has spaces: name="a b".'

/** A variable of INI: its value is a literal of Python if it can be one. */
function variableOf(name: string, text: string, location: Location) {
  const literal = pythonLiteral(text)
  return plainVariable(name, literal === undefined ? text : literal, location)
}
