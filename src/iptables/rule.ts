import { joinWords, splitWords } from './words.ts'

/** One option of a match or a target. `! --match-set cluster_nodes src` is `match-set`, negated, with two values. */
export interface Option {
  readonly name: string
  readonly negated: boolean
  readonly values: readonly string[]
}

/** One condition of a rule. The options of a `-m` are kept as they are, known or not. */
export type Match =
  | { readonly kind: 'in' | 'out'; readonly interface: string; readonly negated: boolean }
  | { readonly kind: 'source' | 'destination'; readonly cidr: string; readonly negated: boolean }
  | { readonly kind: 'protocol'; readonly protocol: string; readonly negated: boolean }
  | { readonly kind: 'module'; readonly module: string; readonly options: readonly Option[] }
  | { readonly kind: 'other'; readonly option: Option }

/** What follows `-j` or `-g`: a built-in target, an extension or a chain. */
export interface Target {
  readonly kind: 'jump' | 'goto'
  readonly name: string
  readonly options: readonly Option[]
}

/** Packets and bytes that a rule has matched so far. */
export interface Counters {
  readonly packets: bigint
  readonly bytes: bigint
}

/** One rule of a chain. `words` follow `-A CHAIN`; `raw` is the line as printed, without counters. */
export interface Rule {
  readonly chain: string
  readonly raw: string
  readonly words: readonly string[]
  readonly matches: readonly Match[]
  readonly target: Target | undefined
  readonly counters: Counters | undefined
}

const counted = /^\[(\d{1,20}):(\d{1,20})\] /

/** Reads a line `-A CHAIN …`, with or without counters before it; undefined for any other line. */
export function parseRule(line: string): Rule | undefined {
  const [before, packets, bytes] = (line.startsWith('[') && counted.exec(line)) || []
  const raw = before === undefined ? line : line.slice(before.length)
  const words = splitWords(raw)
  const chain = words[1]
  if (words[0] !== '-A' || chain === undefined) return undefined
  const counters =
    packets === undefined || bytes === undefined
      ? undefined
      : { packets: BigInt(packets), bytes: BigInt(bytes) }
  return ruleFrom(chain, raw, words.slice(2), counters)
}

/** Makes a rule from its words, as if `iptables-save` had printed it. */
export function makeRule(chain: string, words: readonly string[]): Rule {
  const raw = joinWords(['-A', chain, ...words])
  return ruleFrom(chain, raw, words, undefined)
}

function ruleFrom(
  chain: string,
  raw: string,
  words: readonly string[],
  counters: Counters | undefined,
): Rule {
  const { matches, target } = parseWords(words)
  return { chain, raw, words, matches, target, counters }
}

/** An option of a match, if the rule has it: `matchOption(rule, 'set', 'match-set')`. */
export function matchOption(rule: Rule, module: string, name: string): Option | undefined {
  for (const match of rule.matches) {
    if (match.kind !== 'module' || match.module !== module) continue
    const found = match.options.find((option) => option.name === name)
    if (found) return found
  }
  return undefined
}

/** An option that is still read, and its first word. */
interface Clause {
  readonly flag: string
  readonly option: { readonly name: string; negated: boolean; readonly values: string[] }
}

function parseWords(words: readonly string[]): Pick<Rule, 'matches' | 'target'> {
  const matches: Match[] = []
  let target: { kind: Target['kind']; name: string; options: Option[] } | undefined
  let open: Option[] | undefined
  for (const { flag, option } of clauses(words)) {
    const { negated } = option
    const value = option.values[0] ?? ''
    if (flag === '-m') {
      open = []
      matches.push({ kind: 'module', module: value, options: open })
    } else if (flag === '-j' || flag === '-g') {
      open = []
      target = { kind: flag === '-j' ? 'jump' : 'goto', name: value, options: open }
    } else if (flag === '-i' || flag === '-o') {
      matches.push({ kind: flag === '-i' ? 'in' : 'out', interface: value, negated })
    } else if (flag === '-s' || flag === '-d') {
      matches.push({ kind: flag === '-s' ? 'source' : 'destination', cidr: value, negated })
    } else if (flag === '-p') {
      matches.push({ kind: 'protocol', protocol: value, negated })
    } else if (open) {
      open.push(option)
    } else {
      matches.push({ kind: 'other', option })
    }
  }
  return { matches, target }
}

/** Groups words into options with their values. `!` stands before the option; old versions print it after the option. */
function clauses(words: readonly string[]): Clause[] {
  const found: Clause[] = []
  let last: Clause | undefined
  let negated = false
  for (const word of words) {
    const open = !takesAnything(last)
    if (open && word === '!') {
      negated = true
    } else if (open && isFlag(word)) {
      const name = word.slice(word.startsWith('--') ? 2 : 1)
      last = { flag: word, option: { name, negated, values: [] } }
      found.push(last)
      negated = false
    } else if (last) {
      last.option.values.push(word)
      if (negated) last.option.negated = true
      negated = false
    }
  }
  return found
}

function isFlag(word: string): boolean {
  return /^--?[A-Za-z]/.test(word)
}

/** A comment or a log prefix may begin with a dash. Its first value is never an option. */
function takesAnything(last: Clause | undefined): boolean {
  return last !== undefined && last.option.values.length === 0 && texts.has(last.option.name)
}

const texts = new Set([
  'comment',
  'log-prefix',
  'nflog-prefix',
  'ulog-prefix',
  'string',
  'hex-string',
])
