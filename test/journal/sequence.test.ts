import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { laterNumber, takeNumber } from '../../src/journal/sequence.ts'
import { begun, writeJournal } from './runs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('takeNumber', () => {
  it('gives each run a greater number, and leaves few files', () => {
    const numbers = Array.from({ length: 40 }, () => takeNumber(directory).sequence)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    expect(readdirSync(directory)).toHaveLength(17)
  })

  it('goes on after the journals where they were copied without the numbers', () => {
    writeJournal(directory, '20261123-041500-3f9a', { ...begun })
    writeJournal(directory, '20261122-041500-3f9a', { ...begun })
    for (const name of readdirSync(directory)) {
      if (name.startsWith('sequence.')) rmSync(join(directory, name))
    }
    expect(takeNumber(directory).sequence).toBe(3)
  })

  it('goes on after journals that were copied beside others, also those of earlier versions', () => {
    takeNumber(directory)
    const old = JSON.stringify({ kind: 'begun', hosts: ['x'.repeat(5000)], sequence: 70 })
    writeFileSync(join(directory, '20261122-041500-3f9a.ndjson'), `${old}\n{"sequence":90}\n`)
    expect(takeNumber(directory).sequence).toBe(71)
  })

  it('goes on after the decision of a run where the numbers were lost', () => {
    writeJournal(directory, '20261123-041500-3f9a', begun, { kind: 'decided', sequence: 7 })
    for (const name of readdirSync(directory)) {
      if (name.startsWith('sequence.')) rmSync(join(directory, name))
    }
    expect(takeNumber(directory).sequence).toBe(8)
  })

  it('names the series of its directory, which no other directory has', () => {
    const { series } = takeNumber(directory)
    expect(takeNumber(directory).series).toBe(series)
    const other = mkdtempSync(join(tmpdir(), 'runs-'))
    expect(takeNumber(other).series).not.toBe(series)
    rmSync(other, { recursive: true })
  })
})

describe('laterNumber', () => {
  it('comes after all that others took meanwhile, also where few of the files are left', () => {
    const { sequence } = takeNumber(directory)
    for (let taken = 0; taken < 40; taken++) takeNumber(directory)
    expect(laterNumber(directory, sequence)).toBe(42)
    expect(takeNumber(directory).sequence).toBe(43)
    expect(readdirSync(directory)).toHaveLength(17)
  })

  it('comes after its own where the files are lost', () => {
    const { sequence } = takeNumber(directory)
    rmSync(join(directory, `sequence.${sequence}`))
    expect(laterNumber(directory, sequence)).toBe(sequence + 1)
  })
})
