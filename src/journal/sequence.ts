import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { journalFile, runOf } from './directory.ts'
import { parseEvent } from './event.ts'

/** How many numbers stay on the disk: so that one who lists the directory meanwhile finds some of them. */
const kept = 16

/**
 * The number of a new run in this directory: greater than that of every run before it, and taken by one run only. So runs
 * have an order that no clock can change. Throws if it cannot be written down.
 */
export function takeNumber(directory: string): number {
  const names = readdirSync(directory)
  const taken = names.flatMap((name) => numberOf(name) ?? [])
  // Journals may have been copied to here without the numbers.
  const last = Math.max(
    0,
    ...(taken.length > 0 ? taken : names.map((n) => inJournal(directory, n))),
  )
  const number = claim(directory, last + 1)
  for (const old of taken)
    if (old <= number - kept) rmSync(join(directory, nameOf(old)), { force: true })
  return number
}

/** Takes the first number that is free, from this one on. */
function claim(directory: string, number: number): number {
  for (let next = number; ; next++) {
    try {
      closeSync(openSync(join(directory, nameOf(next)), 'wx', 0o600))
      return next
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function inJournal(directory: string, name: string): number {
  const run = runOf(name)
  if (run === undefined) return 0
  try {
    const [line = ''] = readFileSync(journalFile(directory, run), 'utf8').split('\n', 1)
    const first = parseEvent(line)
    return first?.kind === 'begun' ? (first.sequence ?? 0) : 0
  } catch {
    return 0
  }
}

function nameOf(number: number): string {
  return `sequence.${number}`
}

function numberOf(name: string): number | undefined {
  const [, digits] = /^sequence\.(\d{1,15})$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}
