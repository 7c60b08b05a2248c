import { readFileSync } from 'node:fs'
import { quote } from '../../shell.ts'
import { asideSet, movingMark } from '../names.ts'

const parts = [
  'agent',
  'facts',
  'processes',
  'clock',
  'run-directory',
  'lock',
  'set-and-rules',
  'transaction',
  'watchdog',
] as const

/**
 * What starts the agent with its first request: one group, which sh reads to its end before it runs any of it. The
 * program keeps its own text for the watchdog.
 */
export function startingText(words: readonly string[]): string {
  const program = quote(agentProgram())
  return `{\nprogram=${program}\neval "$program"\nagent ${words.map(quote).join(' ')}\nexit\n}\n`
}

/** The program in POSIX sh. Its parts lie beside this file; the build puts them beside its own. */
function agentProgram(): string {
  const names = `aside=${asideSet}\nmoving_mark=${movingMark}\n`
  program ??= names + parts.map(readPart).join('\n')
  return program
}

let program: string | undefined

/** A part without its comments, which need not travel. */
function readPart(part: string): string {
  const text = readFileSync(new URL(`./${part}.sh`, import.meta.url), 'utf8')
  return text.replace(/^ *#.*\n/gm, '').replace(/^ *\n/gm, '')
}
