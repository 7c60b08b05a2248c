import { shown } from '../../text/shown.ts'
import { parseHostKey } from '../reading/host-range.ts'
import type { Location, Problems } from '../reading/problems.ts'
import {
  define,
  groupOf,
  type Holder,
  hostOf,
  limitHosts,
  type RawGroup,
  type RawInventory,
} from '../reading/raw-inventory.ts'
import { plainVariable } from '../variables/variable.ts'
import { isList, isMapping, type JsonValue, markedOf } from './json-value.ts'

/**
 * Adds what the JSON states that an inventory script prints for `--list`: groups with hosts, children and vars, and the variables of hosts
 * in `_meta`. It has no lines: messages name the group or host.
 */
export function readScriptOutput(
  json: JsonValue,
  name: string,
  raw: RawInventory,
  problems: Problems,
): void {
  const output = { name, raw, problems }
  if (!isMapping(json)) {
    problems.stop({ source: name }, 'is not a mapping of groups, as --list must print')
    return
  }
  const listed = new Set<string>()
  for (const [group, value] of Object.entries(json)) {
    if (group !== '_meta') for (const host of readGroup(output, group, value)) listed.add(host)
  }
  const meta = isMapping(json._meta) ? json._meta.hostvars : undefined
  if (meta !== undefined && !isMapping(meta))
    problems.add({ source: name }, '_meta.hostvars is not a mapping of hosts')
  for (const host of listed) {
    const own = isMapping(meta) && Object.hasOwn(meta, host) ? meta[host] : undefined
    readVariables(output, hostOf(raw, host, { source: name }), own, `host ${host}`)
  }
}

/** An output that is being read, and what it is read into. */
interface Output {
  readonly name: string
  readonly raw: RawInventory
  readonly problems: Problems
}

function at({ name }: Output, words: string): Location {
  return { source: `${name}: ${words}` }
}

/** Reads a group, and names its own hosts. */
function readGroup(output: Output, name: string, value: JsonValue): readonly string[] {
  const { raw, problems } = output
  const words = `group ${shown(name)}`
  const group = groupOf(raw, name, at(output, words))
  const { hosts = [], vars, children = [] } = bodyOf(name, value)
  readVariables(output, group, vars, words)
  if (isList(children)) for (const child of children) readChild(output, group, child)
  else problems.add(at(output, words), 'children is not a list')
  if (isList(hosts)) return hosts.filter((host) => isAdded(output, group, host)).map(String)
  problems.add(at(output, words), 'hosts is not a list')
  return []
}

/** As in Ansible: a list is of hosts, and a mapping without any of these keys is of the variables of a host of that name. */
function bodyOf(group: string, value: JsonValue): { readonly [key: string]: JsonValue } {
  if (!isMapping(value)) return { hosts: value }
  const isBody = ['hosts', 'vars', 'children'].some((key) => Object.hasOwn(value, key))
  return isBody ? value : { hosts: [group], vars: value }
}

function readChild(output: Output, group: RawGroup, child: JsonValue): void {
  const location = at(output, `group ${shown(group.name)}`)
  if (typeof child !== 'string' || child === '') {
    output.problems.add(location, `${entry(child)} is not the name of a group`)
    return
  }
  groupOf(output.raw, child, at(output, `group ${shown(child)}`))
  group.children.set(child, location)
}

/** Adds a host to a group; false, and a fault, if that is no name. A script's names are taken as they are: no ranges, no ports. */
function isAdded(output: Output, group: RawGroup, host: JsonValue): boolean {
  const { raw, problems } = output
  const location = at(output, `group ${shown(group.name)}`)
  const key = typeof host === 'string' && !/[[\]]/.test(host) ? parseHostKey(host) : undefined
  if (typeof host !== 'string' || key?.kind !== 'hosts' || key.port !== undefined) {
    problems.add(location, `${entry(host)} is not the name of a host`)
    return false
  }
  hostOf(raw, host, at(output, `host ${host}`))
  group.hosts.add(host)
  limitHosts(raw, 1, location, problems)
  return true
}

/** An entry of a list, for a message. What is no text may hold a password. */
function entry(value: JsonValue): string {
  return typeof value === 'string' ? shown(value) : 'an entry that is not text'
}

function readVariables(
  output: Output,
  holder: Holder,
  value: JsonValue | undefined,
  words: string,
): void {
  if (value === undefined || value === null) return
  if (!isMapping(value)) {
    output.problems.add(at(output, words), 'its variables are not a mapping')
    return
  }
  for (const [name, one] of Object.entries(value)) {
    define(output.raw, [holder], plainVariable(name, markedOf(one), at(output, words)))
  }
}
