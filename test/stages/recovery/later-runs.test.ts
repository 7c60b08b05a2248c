import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../../src/journal/event.ts'
import { listRuns, readRun } from '../../../src/journal/past-runs.ts'
import {
  conclusiveRuns,
  type LaterRun,
  laterThan,
} from '../../../src/stages/recovery/later-runs.ts'
import { begun, begunHere, ended, linesOf, outcomes, planned } from '../../journal/runs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runs-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = '20261123-041500-8888'
const decided: NewEvent = { kind: 'decided' }

function write(id: string, ms: number, ...events: readonly NewEvent[]): void {
  const lines = linesOf(`2026-11-23T04:15:00.${ms}Z`, ...events)
  writeFileSync(join(directory, `${id}.ndjson`), `${lines.join('\n')}\n`)
}

/** The later runs of one that is unfinished, beside a run of these events that began so many milliseconds later. */
async function later(by: number, ...events: readonly NewEvent[]): Promise<readonly LaterRun[]> {
  write(open, 500, begun, planned)
  write('20261123-041500-0001', 500 + by, ...events)
  const past = await readRun(open, join(directory, `${open}.ndjson`))
  return past ? laterThan(past, await conclusiveRuns((await listRuns(directory)).runs)) : []
}

const all = [
  { name: 'node1', address: '192.0.2.11' },
  { name: 'node2', address: '192.0.2.12' },
  { name: 'node3', address: '192.0.2.13' },
]

describe('a later run', () => {
  it.each<[string, readonly NewEvent[]]>([
    ['it is done', [begun, planned, decided, outcomes(), ended]],
    ['it found nothing to do', [begun, ended]],
    ['others moved rules since', [begun, planned, { ...ended, outcome: 'moved', exitCode: 3 }]],
    ['its runner died after its last commit', [begun, planned, decided, outcomes()]],
    ['its runner died between commits', [begun, planned, decided]],
    ['it watches still', [begunHere, planned, decided, outcomes()]],
    [
      'recover finished it',
      [begun, planned, decided, outcomes('incomplete'), { kind: 'finished-by', run: 'r2' }],
    ],
    [
      'it failed after its last commit',
      [begun, planned, decided, outcomes(), { ...ended, outcome: 'failed', finished: false }],
    ],
  ])('has decided about all its hosts if %s', async (_, events) => {
    expect(await later(1, ...events)).toEqual([{ id: '20261123-041500-0001', hosts: all }])
  })

  it.each<[string, readonly NewEvent[]]>([
    ['it died before its decision', [begun, planned]],
    ['it was rolled back', [begun, planned, outcomes('rolled-back')]],
    ['it was refused', [begun, { ...ended, outcome: 'refused' }]],
    ['it could not write its decision down', [begun, planned, decided, { kind: 'undecided' }]],
    ['it recovered others', [{ ...begun, command: 'recover' }, planned, decided, outcomes()]],
  ])('has not decided about its hosts if %s', async (_, events) => {
    expect(await later(1, ...events)).toEqual([])
  })

  it('is later if it began later, whatever its id', async () => {
    expect(await later(-1, begun, ended)).toEqual([])
  })

  it('counts hosts by name, in the same inventory only, if it has no addresses', async () => {
    const { addresses: _, ...old } = begun
    expect(await later(1, old, ended)).toMatchObject([{ hosts: all.slice(1) }])
    expect(await later(1, { ...old, inventory: '/other.yaml' }, ended)).toMatchObject([
      { hosts: [] },
    ])
  })
})
