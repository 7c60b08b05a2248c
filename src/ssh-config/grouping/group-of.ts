import { globOf } from '../../text/glob.ts'
import type { Condition, ConfigBlock } from './config-blocks.ts'
import type { ConfigLine } from './config-lines.ts'

/** The group of a host: all in one get the same answer from ssh, but for the name that is dialled. */
export interface Grouped {
  readonly key: string
  /** The HostName that the configuration gives; the name itself without one. */
  readonly hostName: string
}

/**
 * Says which hosts a configuration tells apart. Hosts for which the same lines hold get the same answer; HostName is the
 * one line that is allowed to differ, because it can be replaced in an answer. Undefined: each host must be asked for alone.
 *
 * What else can tell hosts apart makes the answer undefined: canonical names, tokens that ssh expands before it prints,
 * commands with such tokens, a HostName that hangs on a condition which only ssh can judge.
 */
export function groupsOf(blocks: readonly ConfigBlock[]): ((host: string) => Grouped) | undefined {
  const parts = blocks.map(partOf)
  if (!parts.every((part): part is Part => part !== undefined)) return undefined
  const matched = [...new Set(parts.flatMap((part) => part.matched))].map((list) =>
    // Some versions of ssh mind no upper case in these patterns.
    [list, list.toLowerCase()].map((patterns) => testOf(patterns.split(','))),
  )
  return (host) => {
    const name = host.toLowerCase()
    let hostName: string | undefined
    const key: string[] = []
    parts.forEach(({ tests, body, hostNames }, index) => {
      const [asGiven = false, lower = false] = [host, name].map((one) =>
        tests.every((test) => test(one)),
      )
      if (asGiven || lower) {
        if (body !== '') key.push(body)
        // Whether ssh minds upper case differs; then only ssh can tell.
        if (asGiven !== lower) key.push(`${index} ${host}`)
        hostName ??= hostNames[0]
      }
    })
    const dialled = hostName === undefined ? name : expandHostName(hostName, name)
    // With `Match final`, ssh reads all again, and then Host is about the name that is dialled.
    for (const { tests, body } of parts) {
      if (body !== '' && tests.every((test) => test(dialled))) key.push(`final ${body}`)
    }
    for (const tests of matched) {
      for (const test of tests) key.push([host, name, dialled].map(test).join())
    }
    return { key: key.join('\0'), hostName: dialled }
  }
}

type Test = (name: string) => boolean

/** A block, as far as it can tell hosts apart. */
interface Part {
  readonly tests: readonly Test[]
  /** Its lines but for HostName, and what its conditions ask that is the same for all hosts. */
  readonly body: string
  readonly hostNames: readonly string[]
  /** Patterns for the name that is dialled. */
  readonly matched: readonly string[]
}

function partOf({ conditions, lines }: ConfigBlock): Part | undefined {
  const tests: Test[] = []
  const matched: string[] = []
  const opaque: string[] = []
  for (const condition of conditions) {
    if (condition.kind === 'host') {
      tests.push(testOf(condition.words))
      continue
    }
    const patterns = patternsOfMatch(condition)
    if (!patterns) return undefined
    matched.push(...patterns)
    opaque.push(condition.words.join(' '))
  }
  const hostNames = lines.filter(({ keyword }) => keyword === 'hostname')
  const others = lines.filter(({ keyword }) => keyword !== 'hostname')
  if (others.some(tellsEachApart)) return undefined
  if (hostNames.length > 0 && opaque.length > 0) return undefined
  const names = hostNames.map(({ words }) => (words?.length === 1 ? words[0] : undefined))
  if (!names.every(isKnownTemplate)) return undefined
  const body = [...opaque, ...others.map(({ keyword, value }) => `${keyword} ${value}`)]
  return { tests, body: body.join('\n'), hostNames: names, matched }
}

/** Only `%h` and `%%` may stand in a HostName. */
function isKnownTemplate(value: string | undefined): value is string {
  return value !== undefined && !/%(?![h%])/.test(value)
}

function expandHostName(template: string, name: string): string {
  return template.replace(/%([h%])/g, (_, letter) => (letter === 'h' ? name : '%')).toLowerCase()
}

/** Whether a line may give each host its own answer. */
function tellsEachApart({ keyword, value }: ConfigLine): boolean {
  switch (keyword) {
    case 'canonicalizehostname':
      return !/^"?(no|false)"?$/i.test(value)
    // We replace these ourselves, or have no use for them.
    case 'identityfile':
    case 'certificatefile':
    case 'proxyjump':
    case 'proxycommand':
    case 'localcommand':
    case 'remotecommand':
    case 'controlpath':
    case 'knownhostscommand':
    case 'setenv':
      return false
    default:
      // The same for all: %%, the home, the user and the names of this machine.
      return /%[^%diuLl]/.test(value.replaceAll('%%', ''))
  }
}

/** The patterns that a Match holds against the name of the host; undefined if its other criteria may tell each host apart. */
function patternsOfMatch({ words }: Condition): readonly string[] | undefined {
  const patterns: string[] = []
  for (let at = 0; at < words.length; at++) {
    const [, criterion = '', inline] = /^!?(\w+)(?:=(.*))?$/s.exec(words[at] ?? '') ?? []
    switch (criterion.toLowerCase()) {
      case 'all':
      case 'final':
      case 'canonical':
        continue
      case 'host':
      case 'originalhost': {
        patterns.push(inline ?? words[++at] ?? '')
        continue
      }
      case 'exec':
        if (/%[^%diuLl]/.test((inline ?? words[++at] ?? '').replaceAll('%%', ''))) return undefined
        continue
      case 'user':
      case 'localuser':
      case 'localnetwork':
      case 'tagged':
      case 'sessiontype':
      case 'command':
      case 'version':
        if (inline === undefined) at++
        continue
      default:
        return undefined
    }
  }
  return patterns
}

/** A list of patterns, as in ssh_config(5): one that matches after `!` forbids it. */
function testOf(patterns: readonly string[]): Test {
  const plain = new Set<string>()
  const globs: RegExp[] = []
  const forbidden: RegExp[] = []
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) forbidden.push(globOf(pattern.slice(1)))
    else if (/[*?]/.test(pattern)) globs.push(globOf(pattern))
    else plain.add(pattern)
  }
  return (name) =>
    (plain.has(name) || globs.some((glob) => glob.test(name))) &&
    !forbidden.some((glob) => glob.test(name))
}
