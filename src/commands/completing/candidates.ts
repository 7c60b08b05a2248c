import type { Option } from 'commander'
import { givenHome } from '../../jump-host/own-home.ts'
import type { CommandDefinition } from '../command.ts'
import { groupSummaries } from '../commands.ts'
import { readOptionWord } from '../option-word.ts'

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string
  readonly meaning: string
}

/** What may come next: some words, or the name of a file. */
export type Candidates = readonly Candidate[] | 'files'

/** What is known besides the command line itself. Neither rejects: who only typed Tab wants no message. */
export interface Knowledge {
  /** The names of hosts and groups in these inventories. */
  readonly names: (inventory: readonly string[]) => Promise<Names>
  /** The ids of past runs, newest first. */
  readonly runs: () => Promise<readonly string[]>
}

/** The names in an inventory. */
export interface Names {
  readonly hosts: readonly string[]
  readonly groups: readonly string[]
}

/** What may come at the end of a command line: `words` are those after `fw-run`, the last one as far as it is typed. */
export async function candidates(
  commands: readonly CommandDefinition[],
  words: readonly string[],
  knowledge: Knowledge,
): Promise<Candidates> {
  const typed = words.at(-1) ?? ''
  const line = readLine(commands, words.slice(0, -1))
  const names = () => knowledge.names(line.inventory)
  if (line.pending) return valuesOf(line.pending, typed, names)
  const attached = typed.startsWith('--') ? readOptionWord(typed, line.options) : undefined
  if (attached?.value !== undefined) {
    const values = await valuesOf(attached.option, attached.value, names)
    return values === 'files' ? values : withPrefix(`${attached.option.long}=`, values)
  }
  if (typed.startsWith('-')) return matching(typed, [...line.options, help].flatMap(namesOf))
  if (!line.command) return matching(typed, namesAfter(commands, line.first))
  if (line.places > 0) return []
  const after = await wordsFor(line.command, names, knowledge)
  return after === 'files' ? after : matching(typed, after)
}

/** What commander adds to the commands and to the options of each. */
const ofHelp = { word: 'help', meaning: 'show the help of a command' }
const help = { short: '-h', long: '--help', description: 'show the help of the command' }

/** What the words before the last one say. */
interface Line {
  readonly command: CommandDefinition | undefined
  /** The first word of a name of two words, if only that is there. */
  readonly first: string | undefined
  /** The options that can be written here. */
  readonly options: readonly Option[]
  /** The option whose value comes next. */
  readonly pending: Option | undefined
  /** How many words the command has already. */
  readonly places: number
  readonly inventory: readonly string[]
}

function readLine(commands: readonly CommandDefinition[], words: readonly string[]): Line {
  const all = commands.flatMap(({ options }) => options)
  const inventory: string[] = []
  let command: CommandDefinition | undefined
  let first: string | undefined
  let pending: Option | undefined
  let places = 0
  for (const word of words) {
    if (pending) {
      if (pending.long === '--inventory') inventory.push(word)
      pending = undefined
    } else if (word.startsWith('-') && word !== '-') {
      const read = readOptionWord(word, command?.options ?? all)
      if (read?.follows === 'one') pending = read.option
      if (read?.option.long === '--inventory' && read.value !== undefined)
        inventory.push(read.value)
    } else if (command) places++
    else {
      const full = first === undefined ? word : `${first} ${word}`
      command = commands.find(({ name }) => name === full)
      if (commands.some(({ name }) => name.startsWith(`${full} `))) first = full
    }
  }
  const given = process.env.FW_RUN_INVENTORY
  const named = inventory.length === 0 && given ? [given] : inventory
  return {
    ...{ command, first, pending, places },
    options: command?.options ?? [...new Map(all.map((one) => [one.long, one])).values()],
    // What the shell would make of a `~`.
    inventory: named.map((path) => path.replace(/^~(?=\/|$)/, givenHome())),
  }
}

async function valuesOf(
  { argChoices, flags, long }: Option,
  typed: string,
  names: () => Promise<Names>,
): Promise<Candidates> {
  if (argChoices) return matching(typed, wordsOf(argChoices, ''))
  if (/[<[]file[>\]]/.test(flags)) return 'files'
  if (long === '--group') return matching(typed, wordsOf((await names()).groups, 'group'))
  if (long !== '--limit' && long !== '--serial-first') return []
  // Names stand behind each other: a,b or a:!b.
  const prefix = /^(?:.*[,:])?[!&]?/.exec(typed)?.[0] ?? ''
  const { hosts, groups } = await names()
  const all = [...wordsOf(hosts, 'host'), ...wordsOf(groups, 'group')]
  return withPrefix(prefix, matching(typed.slice(prefix.length), all))
}

/** What the one word of a command can be. */
async function wordsFor(
  { word }: CommandDefinition,
  names: () => Promise<Names>,
  { runs }: Knowledge,
): Promise<Candidates> {
  const [usage, , choices] = word ?? []
  if (choices) return wordsOf(choices, '')
  switch (usage) {
    case '[file]':
      return 'files'
    case '<host>':
      return wordsOf((await names()).hosts, 'host')
    case '[run]':
      return wordsOf(await runs(), 'run')
    default:
      return []
  }
}

/** The names of commands behind the first word of their name; without that, the first words and `help`. */
function namesAfter(
  commands: readonly CommandDefinition[],
  first: string | undefined,
): readonly Candidate[] {
  if (first !== undefined) {
    const inside = commands.filter(({ name }) => name.startsWith(`${first} `))
    return inside.map(({ name, summary }) => ({
      word: name.slice(first.length + 1),
      meaning: summary,
    }))
  }
  const words = new Map(
    commands.map(({ name, summary }) => {
      const head = name.replace(/ .*/, '')
      return [head, groupSummaries[head] ?? summary]
    }),
  )
  return [...[...words].map(([word, meaning]) => ({ word, meaning })), ofHelp]
}

function namesOf({
  short,
  long,
  description,
}: Pick<Option, 'short' | 'long' | 'description'>): readonly Candidate[] {
  return [long, short].flatMap((word) => (word ? [{ word, meaning: description }] : []))
}

function wordsOf(words: readonly string[], meaning: string): readonly Candidate[] {
  return words.map((word) => ({ word, meaning }))
}

function matching(typed: string, all: readonly Candidate[]): readonly Candidate[] {
  return all.filter(({ word }) => word.startsWith(typed))
}

function withPrefix(prefix: string, all: readonly Candidate[]): readonly Candidate[] {
  return all.map(({ word, meaning }) => ({ word: prefix + word, meaning }))
}
