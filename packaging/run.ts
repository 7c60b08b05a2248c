import { execFileSync } from 'node:child_process'

/** Runs a program to its end. Throws what it said on stderr if it fails. Returns what it printed. */
export function run(program: string, words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
