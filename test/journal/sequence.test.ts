import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { takeNumber } from '../../src/journal/sequence.ts'
import { begun, writeJournal } from './runs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('takeNumber', () => {
  it('gives each run a greater number, and leaves few files', () => {
    const numbers = Array.from({ length: 40 }, () => takeNumber(directory))
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    expect(readdirSync(directory)).toHaveLength(16)
  })

  it('goes on after the journals where they were copied without the numbers', () => {
    writeJournal(directory, '20261123-041500-3f9a', { ...begun })
    writeJournal(directory, '20261122-041500-3f9a', { ...begun })
    for (const name of readdirSync(directory)) {
      if (name.startsWith('sequence.')) rmSync(join(directory, name))
    }
    expect(takeNumber(directory)).toBe(3)
  })
})
