import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseInventory } from '../../src/inventory/load.ts'
import {
  type FileChange,
  fileChange,
  makeFileChange,
} from '../../src/inventory/writing/file-change.ts'
import { journalFile, runsDirectory } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/journal.ts'
import type { PastRun } from '../../src/journal/past-run.ts'
import type { RunReport } from '../../src/outcomes/run-report.ts'
import { statusCaveat } from '../../src/report/text/status-caveat.ts'
import { describeUnfinished } from '../../src/report/unfinished-run.ts'
import { beginRun } from '../../src/runs/run.ts'
import { finishCovered, warnOfUnfinished } from '../../src/stages/unfinished-runs.ts'
import { begun, begunHere, pastRunOf, planned, writeJournal } from '../journal/runs.ts'
import { hostReport, ofStatus, runReport } from '../report/run.ts'

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

/** What a run on the hosts of an inventory, given as names and addresses, or on the one of them that `limit` names, has to do with the unfinished run. */
async function selectionOf(file: string, given: string, limit?: string) {
  const inventory = parseInventory(`all: { hosts: { ${given} } }`, file, { extraVars: [] })
  const hosts = inventory.hostsToProtect.filter(({ name }) => limit === undefined || name === limit)
  const selection = { inventory, hosts, unfinished: [] }
  return warnOfUnfinished(selection, run, true)
}

const node1 = 'node1: { ansible_host: 192.0.2.11 }'
const node2 = 'node2: { ansible_host: 192.0.2.12 }'
const node3 = 'node3: { ansible_host: 192.0.2.13 }'
const worker3 = 'worker3: { ansible_host: 192.0.2.13 }'
/** A host of the same name and others, as the standard input or a script may bring them for another cluster. */
const cluster2 = 'node3: { ansible_host: 198.51.100.13 }, b2: { ansible_host: 198.51.100.12 }'
const dns3 = 'node3: { ansible_host: node3.example.com, ip: 192.0.2.14 }'

const outcome = { kind: 'incomplete', left: 'no answer', remedy: 'Look.' } as const
const incomplete = hostReport('node1', { outcome })

describe('an unfinished run', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['finished by one on all its hosts', 'other.yaml', `${node2}, ${node3}`, ['finished']],
    ['left open by one on some of them', 'other.yaml', node2, ['unfinished']],
    ['finished where its host has left its inventory', begun.inventory, node2, ['finished']],
    ['finished where all its hosts have left its inventory', begun.inventory, node1, ['finished']],
    ['no matter to another inventory without its hosts', 'other.yaml', node1, []],
    [
      'no matter to another cluster by the same name of an inventory',
      begun.inventory,
      cluster2,
      [],
    ],
    [
      'finished by one on all its hosts, of which one got a new name',
      begun.inventory,
      `${node2}, ${worker3}`,
      ['finished'],
    ],
    [
      'finished by one on all its hosts, of which one got a new address',
      begun.inventory,
      `${node2}, ${dns3}`,
      ['finished'],
    ],
  ])('is %s', async (_, file, hosts, states) => {
    const selection = await selectionOf(file, hosts)
    const report = await finishCovered(runReport('done', []), selection, run)
    expect(report.unfinished.map(({ state }) => state)).toEqual(states)
  })

  it.each([
    ['its name', 'node4: { ansible_host: 192.0.2.13 }'],
    ['its address', 'node3: { ansible_host: node3.example.com, ip: 192.0.2.14 }'],
    [
      'both, but is known by its address',
      'node4: { ansible_host: node4.example.com, ip: 192.0.2.13 }',
    ],
  ])(
    'stays unfinished, with a warning, if a run leaves out a host that has changed %s',
    async (_, host) => {
      for (const limit of ['node2', 'node3', 'node4'].filter(
        (name) => name === 'node2' || host.startsWith(name),
      )) {
        const selection = await selectionOf(begun.inventory, `${node2}, ${host}`, limit)
        const report = await finishCovered(runReport('done', []), selection, run)
        expect(report.unfinished.map(({ state }) => state)).toEqual(['unfinished'])
      }
    },
  )

  it.each<[string, RunReport]>([
    ['only looks', runReport('done', [], { run: undefined })],
    ['does not change all hosts', runReport('rolled-back', [])],
    ['is not sure of a host', runReport('done', [incomplete])],
  ])('is left unfinished by a run that %s', async (_, report) => {
    const selection = await selectionOf(begun.inventory, node1)
    const unfinished = [...selection.unfinished]
    const left = await finishCovered({ ...report, unfinished }, selection, run)
    expect(left.unfinished).toEqual(unfinished)
    expect(unfinished).toMatchObject([{ state: 'unfinished' }])
  })
})

describe('a run that began and died while another one waited at its question', () => {
  it.each([
    ['finished by the other one, which decided later', true, 'finished'],
    ['left unfinished, because it decided later than the other one', false, undefined],
  ] as const)('is %s', async (_, first, state) => {
    const waiting = beginRun('remove', 4, view, new AbortController().signal)
    waiting.journal.begin(openJournal(runsDirectory(), waiting.id, begunHere, () => {}))
    const selection = { ...(await selectionOf('other.yaml', `${node2}, ${node3}`)), unfinished: [] }
    const other = openJournal(runsDirectory(), '20261123-060000-0003', begun, () => {})
    other.note({ ...planned, sequence: other.number() })
    const decide = () => other.note({ kind: 'decided', sequence: other.number() })
    if (first) decide()
    waiting.journal.number()
    if (!first) decide()
    other.close()
    const report = await finishCovered(runReport('done', []), selection, waiting)
    const found = report.unfinished.find(({ id }) => id.endsWith('0003'))
    expect(found?.state).toBe(state)
  })
})

describe('an unfinished run that began with another inventory, which is still there', () => {
  it('is told of, and finished by no apply: that may be another cluster with such hosts', async () => {
    const inventory = join(room, 'staging.yaml')
    writeFileSync(inventory, '')
    rmSync(journalFile(runsDirectory(), '20261123-050000-0002'))
    writeJournal(runsDirectory(), '20261123-060000-0003', { ...begun, inventory }, planned)
    const selection = await selectionOf(join(room, 'production.yaml'), `${node2}, ${node3}`)
    const { unfinished } = await finishCovered(runReport('done', []), selection, run)
    expect(unfinished).toMatchObject([{ state: 'unfinished' }])
    const caveat = (...runs: readonly PastRun[]) =>
      statusCaveat({
        ...runReport('done', [], { ...ofStatus, unfinished: runs }),
        inventory: join(room, 'production.yaml'),
      })
    const named = `\`fw-run recover 20261123-060000-0003 -i ${inventory}\``
    expect(caveat(...unfinished)).toContain(`is unfinished: to finish it, run ${named}`)
    expect(caveat(...unfinished, pastRunOf(begun, planned))).toMatch(
      /are unfinished: to finish them, run `fw-run recover \S+ -i \S+` and `fw-run recover \S+ -i \S+`$/,
    )
  })
})

describe('an unfinished hosts remove that had decided', () => {
  const id = '20261123-060000-0003'
  const before = `all:\n  hosts:\n    ${node2}\n    ${node3}\n`
  const after = `all:\n  hosts:\n    ${node2}\n`
  let file = ''
  let change: FileChange
  beforeEach(async () => {
    rmSync(runsDirectory(), { recursive: true })
    file = join(room, 'inventory.yaml')
    writeFileSync(file, before)
    change = await fileChange(file, { before, after }, id)
    const edit = {
      ...change,
      change: { kind: 'remove', name: 'node3', leaveOutside: false },
    } as const
    const about = { ...begun, command: 'hosts', inventory: file }
    const journal = openJournal(runsDirectory(), id, about, () => {})
    journal.note({ kind: 'inventory-edit', ...edit })
    journal.note(planned)
    await makeFileChange(change, after)
    journal.note({ kind: 'decided' })
    journal.note({ kind: 'step', phase: 'commit', host: 'node2', ok: true })
    journal.close()
  })
  const applied = async () => {
    const selection = await selectionOf(file, node2)
    return (await finishCovered(runReport('done', []), selection, run)).unfinished
  }

  it('is not finished by an apply on the hosts that are left: only the old file leads to the removed one', async () => {
    expect(await applied()).toMatchObject([{ id, state: 'unfinished' }])
    expect(readFileSync(change.backup, 'utf8')).toBe(before)
  })

  it('is finished by an apply once the old file is deleted, because that host is gone', async () => {
    rmSync(change.backup)
    expect(await applied()).toMatchObject([{ id, state: 'finished' }])
  })
})

describe('an unfinished hosts add that had not decided, but changed the file', () => {
  const text = (hosts: string): string => `all: { hosts: { ${hosts} } }\n`
  it('is finished by an apply with that file, by whatever path, and not by one with another', async () => {
    const id = '20261123-060000-0003'
    rmSync(runsDirectory(), { recursive: true })
    const [file, link] = [join(room, 'inventory.yaml'), join(room, 'link.yaml')]
    writeFileSync(file, text(node2))
    symlinkSync(file, link)
    const texts = { before: text(node2), after: text(`${node2}, ${node3}`) }
    const change = await fileChange(file, texts, id)
    const journal = openJournal(runsDirectory(), id, { ...begun, inventory: file }, () => {})
    const host = { kind: 'add', name: 'node3', address: '192.0.2.13' } as const
    journal.note({ kind: 'inventory-edit', ...change, change: host })
    journal.note(planned)
    await makeFileChange(change, texts.after)
    journal.close()
    const applied = async (by: string) =>
      finishCovered(runReport('done', []), await selectionOf(by, `${node2}, ${node3}`), run)
    expect((await applied('/other.yaml')).unfinished).toMatchObject([{ state: 'unfinished' }])
    expect(readFileSync(change.backup, 'utf8')).toBe(texts.before)
    expect((await applied(link)).unfinished).toMatchObject([{ state: 'finished' }])
    expect(readFileSync(file, 'utf8')).toBe(texts.after)
  })
})

describe('an unfinished run of which not all of the journal can be read', () => {
  it('is told of, and finished by no apply', async () => {
    const file = journalFile(runsDirectory(), '20261123-050000-0002')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"kind":"forward"', '"kind":"ebpf"'))
    const selection = await selectionOf(begun.inventory, `${node2}, ${node3}`)
    const { unfinished } = await finishCovered(runReport('done', []), selection, run)
    expect(unfinished).toMatchObject([{ state: 'unfinished', partlyRead: true }])
    const [past] = unfinished
    expect(past && describeUnfinished(past)).toMatch(
      /is unfinished: .*node1, node2, node3 may have all of the change, a part of it, or nothing/,
    )
  })
})
