import type { Reading } from '../../src/facts/reading.ts'

/** What was read; throws if it could not be read. */
export function readValue<T>(reading: Reading<T>): T {
  if (reading.kind === 'unreadable') throw new Error(reading.reason)
  return reading.value
}
