import { shellWords } from '../../../text/shell-words.ts'
import { parseHostKey } from '../../reading/host-range.ts'
import type { NewHost } from './new-host.ts'
import { lineEndOf } from './splice.ts'

/** A line of an INI inventory that names hosts. */
interface HostLine {
  readonly section: string
  readonly index: number
  readonly names: readonly string[]
  /** The column (from 0) of its first variable; undefined if it has none. */
  readonly column: number | undefined
}

/** The lines of a text, each with its line end, what hosts they name, and where each section of hosts begins. */
interface IniText {
  readonly lines: readonly string[]
  readonly hosts: readonly HostLine[]
  /** The line of the header of a section; of the hosts without a section: -1. */
  readonly sections: ReadonlyMap<string, number>
}

/**
 * The text with one more host. Its address goes to where the hosts of the inventory have theirs: to `[all]`, to the lines before any
 * section, or to the group itself. Undefined if the group has no section of hosts.
 */
export function addToIni(text: string, { name, address, groups }: NewHost): string | undefined {
  const ini = parseIni(text)
  const known = (section: string) => ini.hosts.some((host) => host.section === section)
  const own = groups.find((group) => ini.sections.has(group) && group !== 'all')
  const lines = [...ini.lines]
  const insertions: [number, string][] = []
  const shared = ['all', UNGROUPED].find(known)
  const home = shared ?? own
  if (home === undefined) return undefined
  if (shared !== undefined && !groups.includes('all')) {
    if (own === undefined) return undefined
    insertions.push([endOf(ini, own), name])
  }
  insertions.push([endOf(ini, home), definition(ini, home, name, address)])
  const lineEnd = lineEndOf(text)
  for (const [at, line] of insertions.sort(([a], [b]) => b - a)) {
    const before = lines[at - 1]
    if (before !== undefined && !before.endsWith('\n')) {
      lines[at - 1] = `${before}${lineEnd}`
      lines.splice(at, 0, line)
    } else lines.splice(at, 0, `${line}${lineEnd}`)
  }
  return lines.join('')
}

/** The text without the lines of a host. Undefined if one of them names other hosts as well, or none names it. */
export function removeFromIni(text: string, name: string): string | undefined {
  const { lines, hosts } = parseIni(text)
  const its = hosts.filter(({ names }) => names.includes(name))
  if (its.length === 0 || its.some(({ names }) => names.length > 1)) return undefined
  const gone = new Set(its.map(({ index }) => index))
  return lines.filter((_, index) => !gone.has(index)).join('')
}

const UNGROUPED = ''

function parseIni(text: string): IniText {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const hosts: HostLine[] = []
  const sections = new Map<string, number>()
  let section: string | undefined = UNGROUPED
  lines.forEach((line, index) => {
    const trimmed = line.replace(/^\uFEFF/, '').trim()
    if (trimmed === '' || /^[#;]/.test(trimmed)) return
    const [header, name = '', kind = 'hosts'] =
      /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(trimmed) ?? []
    if (header !== undefined) {
      section = kind === 'hosts' ? name : undefined
      if (section !== undefined && !sections.has(section)) sections.set(section, index)
      return
    }
    if (section === undefined) return
    const words = shellWords(line.replace(/^\uFEFF/, ' '), true)
    const [pattern, first] = typeof words === 'string' ? [] : words
    const key = pattern && parseHostKey(pattern.text)
    if (key?.kind === 'hosts')
      hosts.push({ section, index, names: key.names, column: first?.offset })
  })
  return { lines, hosts, sections }
}

/** The line below the last host of a section, or below its header. */
function endOf({ hosts, sections }: IniText, section: string): number {
  const last = hosts.findLast((host) => host.section === section)
  return (last?.index ?? sections.get(section) ?? -1) + 1
}

/** The line that defines a host, with its address in the column of the line above. */
function definition(
  { hosts }: IniText,
  section: string,
  name: string,
  address: string | undefined,
): string {
  if (address === undefined) return name
  const column = hosts.findLast((host) => host.section === section && host.column)?.column ?? 0
  return `${name.padEnd(column - 1)} ansible_host=${address}`
}
