import type { Command } from 'commander'
import { readOptionWord } from '../commands/option-word.ts'

/**
 * The arguments with the command moved to the front: `-i FILE apply` is read as
 * `apply -i FILE`. Unchanged if there is no command behind options that commands have.
 */
export function commandFirst(args: readonly string[], program: Command): readonly string[] {
  const names = new Set(program.commands.map((one) => one.name()))
  const options = program.commands
    .flatMap((one) => [one, ...one.commands])
    .flatMap((one) => one.options)
  let at = 0
  while (at < args.length && (args[at] ?? '').startsWith('-')) {
    const read = readOptionWord(args[at] ?? '', options)
    if (!read) return args
    const next = args[at + 1] ?? '-'
    const isValue = read.follows === 'maybe' && !next.startsWith('-') && !names.has(next)
    at += isValue || read.follows === 'one' ? 2 : 1
  }
  const name = args[at]
  if (at === 0 || name === undefined || !names.has(name)) return args
  const below = program.commands.find((one) => one.name() === name)?.commands ?? []
  // The name of a command may have two words: `hosts add`.
  const words = below.some((one) => one.name() === args[at + 1]) ? 2 : 1
  return [...args.slice(at, at + words), ...args.slice(0, at), ...args.slice(at + words)]
}
