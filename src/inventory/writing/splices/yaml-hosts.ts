import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { maxAliasedValues } from '../../../limits.ts'
import { parseHostKey } from '../../reading/host-range.ts'
import { renderValue } from '../../yaml/render-value.ts'
import { scalarText } from '../../yaml/yaml-source.ts'
import type { NewHost } from './new-host.ts'
import {
  appendInBraces,
  appendLines,
  columnOf,
  isEmpty,
  pairOf,
  prependLines,
  removePair,
  type Splice,
  spliced,
} from './splice.ts'

/**
 * The text with one more host. Its address goes to where the hosts of the inventory have theirs: under `all: hosts:`, or under the
 * group itself. Every other byte stays. Undefined if the shape of the text does not allow that.
 */
export function addToYaml(text: string, { name, address, groups }: NewHost): string | undefined {
  const sections = sectionsOf(parse(text))
  const all = sections.find(({ group, hosts }) => group === 'all' && isFilled(hosts))
  const own = groups.flatMap((group) => sections.filter((one) => one.group === group))[0]
  const home = all ?? own
  if (!home) return undefined
  const isOfAll = groups.includes('all')
  if (!isOfAll && !own) return undefined
  const splices = [entrySplice(text, home, name, address)]
  if (!isOfAll && own && own !== home) splices.push(entrySplice(text, own, name, undefined))
  return edited(text, splices, name)
}

/**
 * The text without the entries of a host. Every other byte stays. Undefined if one of them stands for other hosts as well, or if there is
 * none.
 */
export function removeFromYaml(text: string, name: string): string | undefined {
  const entries = sectionsOf(parse(text)).flatMap(({ hosts }) =>
    isMap(hosts) ? hosts.items.map((pair) => ({ pair, hosts, names: namesOf(pair) })) : [],
  )
  const its = entries.filter(({ names }) => names.includes(name))
  if (its.length === 0 || its.some(({ names }) => names.length > 1)) return undefined
  return edited(
    text,
    its.map(({ pair, hosts }) => removePair(text, hosts, pair)),
    name,
  )
}

/** A group of the text, and what stands under its `hosts:`. */
interface HostsSection {
  readonly group: string
  readonly key: unknown
  readonly map: YAMLMap
  readonly hosts: unknown
}

/** All `hosts:` of all groups, in the order of the text. */
function sectionsOf(document: Document.Parsed): readonly HostsSection[] {
  const found: HostsSection[] = []
  const readGroups = (groups: unknown): void => {
    if (!isMap(groups)) return
    for (const { key, value } of groups.items) {
      if (!isScalar(key) || !isMap(value)) continue
      const section = (name: string) => pairOf(value, name)
      const hosts = section('hosts')
      const group = scalarText(key)
      if (hosts) found.push({ group, key: hosts.key, map: value, hosts: hosts.value })
      readGroups(section('children')?.value)
    }
  }
  readGroups(document.contents)
  return found
}

function isFilled(hosts: unknown): hosts is YAMLMap {
  return isMap(hosts) && hosts.items.length > 0
}

function namesOf({ key }: Pair): readonly string[] {
  const parsed = isScalar(key) ? parseHostKey(scalarText(key)) : undefined
  return parsed?.kind === 'hosts' ? parsed.names : []
}

/** Adds a host below the last one of a section, written in the way of that. */
function entrySplice(
  text: string,
  { hosts, key, map }: HostsSection,
  name: string,
  address: string | undefined,
): Splice | undefined {
  const written = renderValue(name)
  const variable = address === undefined ? undefined : `ansible_host: ${renderValue(address)}`
  if (!isFilled(hosts)) {
    const column = columnOf(text, map)
    if (column === undefined || !isEmpty(hosts)) return undefined
    return prependLines(text, key, column + 2, linesOf(written, variable))
  }
  const last = hosts.items.findLast(({ value }) => isFilled(value))?.value
  const inBraces = `${written}: { ${variable} }`
  if (hosts.flow) return appendInBraces(hosts, variable ? inBraces : `${written}: {}`)
  const inLine = isMap(last) ? last.flow : true
  return appendLines(text, hosts, inLine && variable ? [inBraces] : linesOf(written, variable))
}

function linesOf(name: string, variable: string | undefined): readonly string[] {
  return [`${name}:`, ...(variable ? [`  ${variable}`] : [])]
}

/** The text with all splices made, unless that says anything else of other hosts, groups or variables. */
function edited(
  text: string,
  splices: readonly (Splice | undefined)[],
  name: string,
): string | undefined {
  const made = splices.flatMap((splice) => splice ?? [])
  if (made.length < splices.length) return undefined
  const after = made.sort((a, b) => b.start - a.start).reduce(spliced, text)
  const [old, now] = [text, after].map((one) => withoutHost(one, name))
  return now !== undefined && isDeepStrictEqual(old, now) ? after : undefined
}

/** What a text says, a host left out; undefined if it is not valid YAML. */
function withoutHost(text: string, name: string): unknown {
  const document = parse(text)
  if (document.errors.length > 0) return undefined
  try {
    return groupsWithout(document.toJS({ maxAliasCount: maxAliasedValues }), name)
  } catch {
    // An alias stands for nothing, or for too much.
    return undefined
  }
}

function groupsWithout(groups: unknown, name: string): unknown {
  return mapped(groups, (group) =>
    mapped(group, (section, key) => {
      if (key === 'children') return groupsWithout(section, name)
      if (key !== 'hosts' || !isRecord(section)) return section
      const others = Object.entries(section).filter(([host]) => !isKeyOf(host, name))
      // The last host that goes leaves an empty `hosts:`.
      return others.length > 0 ? Object.fromEntries(others) : null
    }),
  )
}

function isKeyOf(key: string, name: string): boolean {
  const parsed = parseHostKey(key)
  return parsed.kind === 'hosts' && parsed.names.length === 1 && parsed.names[0] === name
}

function mapped(value: unknown, change: (inner: unknown, key: string) => unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' })
}
