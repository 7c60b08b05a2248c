import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runOf } from './directory.ts'

/** How many numbers stay on the disk: so that one who lists the directory meanwhile finds some of them. */
const kept = 16

/**
 * The number of a new run in this directory: greater than that of every run before it, and taken by one run only. So runs of one
 * series have an order that no clock can change. Throws if it cannot be written down. Journals that were copied to here are of
 * another series: their numbers say nothing about runs that began here before.
 */
export function takeNumber(directory: string): {
  readonly sequence: number
  readonly series: string
} {
  const names = readdirSync(directory)
  const taken = names.flatMap((name) => numberOf(name) ?? [])
  let last = 0
  for (const number of taken) last = Math.max(last, number)
  for (const name of names) last = Math.max(last, inJournal(directory, name))
  const sequence = claim(directory, last + 1)
  for (const old of taken)
    if (old <= sequence - kept) rmSync(join(directory, nameOf(old)), { force: true })
  return { sequence, series: seriesOf(directory, names) }
}

/** The series of a directory, which a file there names. It is made if need be. */
function seriesOf(directory: string, names: readonly string[]): string {
  const [series] = names.flatMap((name) => /^series\.([0-9a-f]{8})$/.exec(name)?.[1] ?? []).sort()
  if (series !== undefined) return series
  const made = randomBytes(4).toString('hex')
  closeSync(openSync(join(directory, `series.${made}`), 'wx', 0o600))
  return made
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

/** The number of the run of a journal; 0 if it has none, or the file is no journal. It usually stands at the beginning. */
function inJournal(directory: string, name: string): number {
  if (runOf(name) === undefined) return 0
  const file = join(directory, name)
  try {
    return numberIn(beginningOf(file)) ?? numberIn(readFileSync(file, 'utf8')) ?? 0
  } catch {
    return 0
  }
}

/** The number in the first line of a text: within a value, the quotes would have backslashes. */
function numberIn(text: string): number | undefined {
  const [line = ''] = text.split('\n', 1)
  const [, digits] = /"sequence":(\d{1,15})\b/.exec(line) ?? []
  return digits === undefined ? undefined : Number(digits)
}

function beginningOf(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(1024)
    return bytes.toString('utf8', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

function nameOf(number: number): string {
  return `sequence.${number}`
}

function numberOf(name: string): number | undefined {
  const [, digits] = /^sequence\.(\d{1,15})$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}
