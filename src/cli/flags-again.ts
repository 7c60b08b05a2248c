import type { Command, Option } from 'commander'
import type { CommandDefinition } from '../commands/command.ts'
import { commands } from '../commands/commands.ts'
import type { CommandSettings } from '../commands/settings.ts'
import { addFlags, type WithFlags } from '../text/printed-commands.ts'
import { typed } from '../text/shell-quotes.ts'
import { shellWords } from '../text/shell-words.ts'

/** The options without which the next command would find other hosts, or could not log in as this one did. */
const repeated: ReadonlySet<string> = new Set([
  ...['--inventory', '--limit', '--extra-vars', '--user', '--ask-pass', '--ask-become-pass'],
  ...['--private-key', '--ssh-config', '--no-ssh-config', '--transport', '--interface'],
])

/** What the file that `init` writes says already. */
const written: ReadonlySet<string> = new Set([
  ...['--inventory', '--extra-vars', '--user', '--private-key', '--interface'],
])

/**
 * Gives printed commands the flags of this command line that they need and take. What comes from FW_RUN_… needs no flag.
 * `--limit` stays with the same command and with those that look at hosts: others are meant for all hosts, or for a look at their names.
 */
export function flagsAgain(
  command: Command,
  definition: CommandDefinition,
  { first }: Pick<CommandSettings, 'first'>,
): WithFlags {
  const given = definition.options.filter(
    (option) =>
      repeated.has(option.long ?? '') &&
      !(first && written.has(option.long ?? '')) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  return (text) =>
    addFlags(text, (name, words) => {
      const next = commands.find((one) => one.name === name && one.needsInventory)
      if (!next) return []
      const sameHosts = ({ name, changesHosts }: CommandDefinition): boolean =>
        name === definition.name || !changesHosts
      const isNamed = ({ short, long }: Option): boolean =>
        words.some((word) => word === short || word === long)
      const wanted = given.filter(
        (option) =>
          next.options.some(({ long }) => long === option.long) &&
          (option.long === '--extra-vars' || !isNamed(option)) &&
          (option.long !== '--limit' || (next.connects && sameHosts(next))) &&
          (option.long !== '--interface' || next.options.includes(option)),
      )
      const file = first && !words.includes('-i') ? ['-i', typed(first.file)] : []
      return [
        ...file,
        ...wanted.flatMap((option) =>
          wordsOf(option, command.getOptionValue(option.attributeName()), words),
        ),
      ]
    })
}

/** An option and its value as they are typed in a command that has these words already. */
function wordsOf(
  { short, long = '', negate }: Option,
  value: unknown,
  printed: readonly string[],
): readonly string[] {
  if (value === false) return negate ? [long] : []
  if (negate) return []
  const flag = short ?? long
  if (value === true) return [flag]
  const values = (Array.isArray(value) ? value : [value]).map(String)
  // What is printed comes last, so it wins over a longer value that has that variable, too.
  const isSet = (one: string): boolean =>
    !/\s/.test(one) && printed.some((word) => word.startsWith(`${nameIn(one)}=`))
  if (long !== '--extra-vars') return values.flatMap((one) => [flag, typed(one)])
  const parts = values.filter((one) => !isSet(one)).map(plainPart)
  const shown = parts.flatMap(({ text }) => (text ? [flag, typed(text)] : []))
  // Without them, the command may mean other hosts or another guard. It does not run as it stands.
  return parts.some(({ lacks }) => lacks) ? [...shown, flag, '...'] : shown
}

/** The part of a value of -e that surely holds no password: a file, or variables that never have one. `lacks`: another part may matter to the next command. */
function plainPart(value: string): { readonly text: string; readonly lacks: boolean } {
  if (value.startsWith('@')) return { text: value, lacks: false }
  if (value.startsWith('{')) return plainFields(value)
  const words = shellWords(value, false)
  if (typeof words === 'string') return { text: '', lacks: true }
  const texts = words.map(({ text }) => text)
  const plain = texts.filter((text) => isPlain(nameIn(text)))
  return {
    text: plain.length === texts.length ? value : plain.map(typed).join(' '),
    lacks: texts.some((text) => matters(nameIn(text))),
  }
}

function plainFields(value: string): ReturnType<typeof plainPart> {
  let fields: unknown
  try {
    fields = JSON.parse(value)
  } catch {
    return { text: '', lacks: true }
  }
  const entries = Object.entries(fields ?? {})
  const plain = entries.filter(([name]) => isPlain(name))
  return {
    text: plain.length > 0 ? JSON.stringify(Object.fromEntries(plain)) : '',
    lacks: entries.some(([name]) => matters(name)),
  }
}

function nameIn(text: string): string {
  return text.split('=')[0] ?? ''
}

function isPlain(name: string): boolean {
  return /^(fw_\w+|ansible_(user|port|connection|become|become_method)|ansible_ssh_private_key_file)$/.test(
    name,
  )
}

/** A password is missed at the login. */
function matters(name: string): boolean {
  return !isPlain(name) && !/^ansible_\w*pass(word|phrase)?$/.test(name)
}
