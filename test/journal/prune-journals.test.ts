import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../src/journal/event.ts'
import { pruneJournals } from '../../src/journal/prune-journals.ts'
import { begun, ended, outcomes, planned, writeJournal } from './runs.ts'

let directory: string
let count = 0
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'))
  count = 0
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Writes the journal of one run more; the end of its id. */
function write(...events: readonly NewEvent[]): string {
  const id = `${++count}`.padStart(4, '0')
  writeJournal(directory, `20261123-041500-${id}`, ...events)
  return id
}

async function left(keep: number, keepIdle = 0): Promise<readonly string[]> {
  await pruneJournals(directory, keep, keepIdle)
  return readdirSync(directory)
    .flatMap((name) => /([0-9a-f]{4})\.ndjson$/.exec(name)?.[1] ?? [])
    .sort()
}

const on = (name: string, address: string) => ({ ...begun, hosts: [name], addresses: [address] })
const node3 = on('node3', '192.0.2.13')
const elsewhere = on('node3', '198.51.100.13')

describe('pruneJournals', () => {
  it('deletes the oldest finished ones, and no other', async () => {
    write({ ...begun, sequence: 1, series: 'a' }, ended)
    write(elsewhere, ended)
    const open = write({ ...begun, sequence: 2, series: 'a' }, planned)
    const rest = [open, write(elsewhere, ended), write(elsewhere, ended)]
    expect(await left(2)).toEqual(rest)
  })

  it('keeps a run that changed hosts, however many came later that changed nothing', async () => {
    const change = write(elsewhere, planned, { kind: 'decided' }, outcomes(), ended)
    const refused = { ...ended, outcome: 'refused', exitCode: 4, idle: true } as const
    for (let runs = 0; runs < 5; runs += 1) write(elsewhere, refused)
    const rest = [change, write(elsewhere, refused), write(elsewhere, { ...ended, idle: true })]
    expect(await left(1, 2)).toEqual(rest)
  })

  it.each<[string, readonly NewEvent[]]>([
    ['is done', [{ ...node3, command: 'remove' }, ended]],
    ['left hosts out', [node3, { ...ended, exitCode: 3 }]],
    ['died after its last commit', [begun, planned, { kind: 'decided' }, outcomes()]],
    [
      'was copied from elsewhere, with a lower number',
      [{ ...node3, sequence: 0, series: 'b' }, ended],
    ],
    ['has no number, and a later time', [{ ...node3, sequence: undefined }, ended]],
    ['has no addresses in its journal', [{ ...node3, addresses: undefined } as never, ended]],
  ])('keeps a run that %s, and may supersede an unfinished one on a host', async (_, events) => {
    const rest = [write(begun, planned, { kind: 'decided' }), write(...events)]
    write(elsewhere, ended)
    expect(await left(0)).toEqual(rest)
  })

  it('keeps a run that began before an unfinished one, and decided after it', async () => {
    const waited = write({ ...begun, sequence: 1, series: 'a' }, { ...ended, sequence: 9 })
    write({ ...begun, sequence: 3, series: 'a' }, { ...ended, sequence: 4 })
    const open = { ...begun, sequence: 5, series: 'a' }
    const rest = [waited, write(open, planned, { kind: 'decided', sequence: 6 })]
    write(elsewhere, ended)
    expect(await left(0)).toEqual(rest)
  })

  it('keeps the newest of the runs that surely supersede an unfinished one', async () => {
    const open = write(begun, planned, { kind: 'decided' })
    write(begun, ended)
    write(node3, ended)
    write(begun, { ...ended, outcome: 'refused' })
    write({ ...begun, command: 'recover' }, ended)
    const rest = [open, write(begun, ended), write(node3, ended)]
    expect(await left(0)).toEqual(rest)
  })
})
