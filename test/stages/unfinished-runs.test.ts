import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseInventory } from '../../src/inventory/load.ts'
import { runsDirectory } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/journal.ts'
import type { RunReport } from '../../src/outcomes/run-report.ts'
import { beginRun } from '../../src/runs/run.ts'
import { finishCovered, warnOfUnfinished } from '../../src/stages/unfinished-runs.ts'
import { begun, planned } from '../journal/runs.ts'
import { hostReport, runReport } from '../report/run.ts'

let room: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'state-'))
  vi.stubEnv('XDG_STATE_HOME', room)
  mkdirSync(runsDirectory(), { recursive: true })
  const journal = openJournal(runsDirectory(), '20261123-050000-0002', begun, () => {})
  journal.note(planned)
  journal.close()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(room, { recursive: true })
})

const view = { emit: () => {}, flushed: async () => {} }
const run = beginRun('remove', 4, view, new AbortController().signal)

/** What a run on all hosts of an inventory, given as names and addresses, has to do with the unfinished run. */
async function selectionOf(file: string, hosts: string) {
  const inventory = parseInventory(`all: { hosts: { ${hosts} } }`, file, { extraVars: [] })
  const selection = { inventory, hosts: inventory.hostsToProtect, unfinished: [] }
  return warnOfUnfinished(selection, run, true)
}

const node1 = 'node1: { ansible_host: 192.0.2.11 }'
const node2 = 'node2: { ansible_host: 192.0.2.12 }'
const node3 = 'node3: { ansible_host: 192.0.2.13 }'

const outcome = { kind: 'incomplete', left: 'no answer', remedy: 'Look.' } as const
const incomplete = hostReport('node1', { outcome })

describe('an unfinished run', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['finished by one on all its hosts', 'other.yaml', `${node2}, ${node3}`, ['finished']],
    ['left open by one on some of them', 'other.yaml', node2, ['unfinished']],
    ['finished where its host has left its inventory', begun.inventory, node2, ['finished']],
    ['finished where all its hosts have left its inventory', begun.inventory, node1, ['finished']],
    ['no matter to another inventory without its hosts', 'other.yaml', node1, []],
  ])('is %s', async (_, file, hosts, states) => {
    const selection = await selectionOf(file, hosts)
    const report = finishCovered(runReport('done', []), selection, run)
    expect(report.unfinished.map(({ state }) => state)).toEqual(states)
  })

  it.each<[string, RunReport]>([
    ['only looks', runReport('done', [], { run: undefined })],
    ['does not change all hosts', runReport('rolled-back', [])],
    ['is not sure of a host', runReport('done', [incomplete])],
  ])('is left unfinished by a run that %s', async (_, report) => {
    const selection = await selectionOf(begun.inventory, node1)
    const unfinished = [...selection.unfinished]
    expect(finishCovered({ ...report, unfinished }, selection, run).unfinished).toEqual(unfinished)
    expect(unfinished).toMatchObject([{ state: 'unfinished' }])
  })
})
