import { statedNames } from '../inventory/stated-names.ts'
import { runIds } from '../journal/directory.ts'
import type { Perform } from './command.ts'
import { commands } from './commands.ts'
import { candidates } from './completing/candidates.ts'
import { shellScript } from './completing/shell-scripts.ts'
import { wordsOfLine } from './completing/words-of-line.ts'

/** `fw-run completion`: prints what a shell needs to complete fw-run, or answers it at a Tab. Never connects, never fails. */
export const completion: Perform = async ({ completion: asked }) => {
  const { shell = 'bash', words = [] } = asked ?? {}
  if (words.length === 0) {
    const script = shellScript(shell)
    return { exitCode: 0, text: () => [script.trimEnd()], json: () => ({ script }) }
  }
  const [line = '', current = ''] = words
  const typed = shell === 'bash' ? wordsOfLine(line) : words
  const found = await candidates(commands, typed, {
    names: (inventory) => statedNames(inventory).catch(() => ({ hosts: [], groups: [] })),
    runs: () => runIds().catch(() => []),
  })
  if (found === 'files') return { exitCode: 0, text: () => [':files'], json: () => ({}) }
  const whole = typed.at(-1) ?? ''
  // Bash replaces only the last piece of the word.
  const kept = shell === 'bash' && whole.endsWith(current) ? whole.length - current.length : 0
  const answers = found.map(({ word, meaning }) => `${word.slice(kept)}\t${meaning}`)
  return { exitCode: 0, text: () => answers, json: () => ({}) }
}
