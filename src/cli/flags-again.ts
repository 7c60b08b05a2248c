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
  const isSet = (one: string): boolean =>
    printed.some((word) => word.startsWith(`${one.split('=')[0]}=`))
  const shown =
    long === '--extra-vars' ? values.filter((one) => isPlain(one) && !isSet(one)) : values
  return shown.flatMap((one) => [flag, typed(one)])
}

/** Whether a value of -e surely holds no password: a file, or variables that never have one. Others are not repeated. */
function isPlain(value: string): boolean {
  if (value.startsWith('@')) return true
  const words = shellWords(value, false)
  return (
    typeof words !== 'string' &&
    words.every(({ text }) =>
      /^(fw_\w+|ansible_(user|port|connection|become|become_method)|ansible_ssh_private_key_file)=/.test(
        text,
      ),
    )
  )
}
