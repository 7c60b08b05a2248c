import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runOf } from './directory.ts'

/** How many numbers stay on the disk: so that one who lists the directory meanwhile finds some of them. */
const kept = 16

/**
 * The number of a new run in this directory: greater than all that were taken before it, and taken once only. So what runs of one
 * series do has an order that no clock can change. Throws if it cannot be written down. Journals that were copied to here are of
 * another series: their numbers say nothing about runs that began here before.
 */
export function takeNumber(directory: string): {
  readonly sequence: number
  readonly series: string
} {
  const names = readdirSync(directory)
  const taken = numbersOf(names)
  let last = greatest(taken)
  // Where the numbers were lost, those of all events count; else all that was copied to here began with a line that counts.
  const whole = taken.length === 0
  for (const name of names) last = Math.max(last, inJournal(directory, name, whole))
  return { sequence: claimAfter(directory, last, taken), series: seriesOf(directory, names) }
}

/** A later number for a run that has taken one. Throws if it cannot be written down. */
export function laterNumber(directory: string, own: number): number {
  const taken = numbersOf(readdirSync(directory))
  return claimAfter(directory, Math.max(own, greatest(taken)), taken)
}

/** The series of a directory, which a file there names. It is made if need be. */
function seriesOf(directory: string, names: readonly string[]): string {
  const [series] = names.flatMap((name) => /^series\.([0-9a-f]{8})$/.exec(name)?.[1] ?? []).sort()
  if (series !== undefined) return series
  const made = randomBytes(4).toString('hex')
  closeSync(openSync(join(directory, `series.${made}`), 'wx', 0o600))
  return made
}

/** Takes the first number that is free after this one, and forgets old ones of those that were taken. */
function claimAfter(directory: string, last: number, taken: readonly number[]): number {
  const sequence = claim(directory, last + 1)
  for (const old of taken)
    if (old <= sequence - kept) rmSync(join(directory, nameOf(old)), { force: true })
  return sequence
}

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

/** The number with which the run of a journal began, or the greatest of all its events; 0 if it has none, or the file is no journal. */
function inJournal(directory: string, name: string, whole: boolean): number {
  if (runOf(name) === undefined) return 0
  const file = join(directory, name)
  try {
    if (whole)
      return greatest(
        readFileSync(file, 'utf8')
          .split('\n')
          .map((line) => numberIn(line) ?? 0),
      )
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

/** The numbers that files of these names have taken. */
function numbersOf(names: readonly string[]): readonly number[] {
  return names.flatMap((name) => {
    const [, digits] = /^sequence\.(\d{1,15})$/.exec(name) ?? []
    return digits === undefined ? [] : Number(digits)
  })
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0)
}
