import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../src/journal/event.ts'
import { append } from '../../src/journal/journal.ts'
import { readRun } from '../../src/journal/read-journals.ts'
import {
  begun,
  begunHere,
  changes,
  ended,
  outcomes,
  planned,
  plannedLater,
  writeJournal,
} from './runs.ts'

let room: string
let directory: string
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'journal-'))
  directory = join(room, 'fw-run', 'runs')
})
afterEach(() => rmSync(room, { recursive: true }))

const id = '20261123-041500-3f9a'
const decidedLine = '{"kind":"decided","time":"2026-11-23T04:15:00.000Z"}'
const write = (run: string, ...events: readonly NewEvent[]) =>
  writeJournal(directory, run, ...events)

async function stateOf(...events: readonly NewEvent[]): Promise<string | undefined> {
  const file = write(id, ...events)
  const run = await readRun(id, file)
  rmSync(file)
  return run?.state
}

describe('readRun', () => {
  const decided: NewEvent = { kind: 'decided' }
  it('understands the words of earlier versions, so that ended runs stay ended', async () => {
    const told = async (...events: readonly NewEvent[]) => {
      const file = write(id, begun, planned, ...events)
      const text = readFileSync(file, 'utf8')
        .replace('"kind":"outcomes"', '"kind":"settled"')
        .replace('"kind":"finished-by"', '"kind":"settled-by"')
        .replace('"finished":', '"settled":')
      writeFileSync(file, text)
      const run = await readRun(id, file)
      rmSync(file)
      return run
    }
    expect(await told(outcomes(), ended)).toMatchObject({
      state: 'finished',
      ended: { outcome: 'done', finished: true },
      came: { planned: 2, committed: 2 },
    })
    expect(await told(outcomes('incomplete'), { ...ended, finished: false })).toMatchObject({
      state: 'unfinished',
      ended: { finished: false },
    })
    expect(await told({ kind: 'finished-by', run: 'r2' })).toMatchObject({
      state: 'finished',
      finishedBy: 'r2',
    })
    const [plan] = planned.plans
    if (plan?.intent.kind !== 'forward') throw new TypeError('not the plan of a rule')
    const { position: _, published: __, ...rest } = plan.intent
    const mangle = { ...rest, kind: 'mangle' as const, serviceCidrs: [], barePods: [] }
    const run = await told({ ...planned, plans: [{ ...plan, intent: mangle }] })
    expect(run?.hosts[0]?.intent).toMatchObject({ persist: false, otherPods: [] })
  })

  it('gives back what was written: hosts with their changes and intent', async () => {
    const run = await readRun(id, write(id, begun, planned))
    expect(run?.hosts.map(({ name, address }) => [name, address])).toEqual([
      ['node2', '192.0.2.12'],
      ['node3', '192.0.2.13'],
    ])
    expect(run?.hosts[0]?.changes).toEqual(changes)
    expect(run?.hosts[0]?.intent).toMatchObject({ kind: 'forward', published: undefined })
  })

  it('reads a journal that was cut at any byte', async () => {
    const file = write(id, begun, planned, { kind: 'decided' }, outcomes(), ended)
    const whole = readFileSync(file)
    const seen = new Set<string>()
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length))
      const run = await readRun(id, file)
      seen.add(run ? `${run.state}, ${run.decided ? 'decided' : 'not decided'}` : 'no journal')
    }
    expect([...seen]).toEqual([
      'no journal',
      'finished, not decided',
      'unfinished, not decided',
      'unfinished, decided',
      'finished, decided',
    ])
  })

  it('passes over foreign lines, and events of a later version', async () => {
    const file = write(id, begun)
    appendFileSync(file, 'hello\n{"kind":"dreamt","time":"2026-11-23T04:15:00.000Z"}\n[]\nnull\n')
    append(file, { kind: 'finished-by', run: 'r2' })
    expect((await readRun(id, file))?.finishedBy).toBe('r2')
  })

  it.each<[string, readonly NewEvent[], string]>([
    ['a plan that it does not understand', [], `${plannedLater}\n`],
    ['a plan that it does not understand, and a decision', [], `${plannedLater}\n${decidedLine}\n`],
    ['a decision whose plan is lost', [], `{"kind":"planned","plans":[{"ho\n${decidedLine}\n`],
    ['an event of a later version', [planned, outcomes()], '{"kind":"dreamt"}\n'],
  ])(
    'is unfinished, never without any change, if its journal holds %s',
    async (_, events, lines) => {
      const file = write(id, begun, ...events)
      appendFileSync(file, lines)
      expect(await readRun(id, file)).toMatchObject({ state: 'unfinished', partlyRead: true })
    },
  )

  it('is finished where it said so itself, or another run did, whatever events it holds', async () => {
    for (const last of [ended, { kind: 'finished-by', run: 'r2' }] as const) {
      const file = write(id, begun)
      appendFileSync(file, `${plannedLater}\n`)
      append(file, last)
      expect((await readRun(id, file))?.state).toBe('finished')
      rmSync(file)
    }
  })

  it('is finished if only the inventory file was to change, and that was decided', async () => {
    const about = { file: '/i', backup: '/.i', before: 'a', after: 'b' }
    const change = { kind: 'add', name: 'node4' } as const
    expect(await stateOf(begun, { kind: 'inventory-edit', ...about, change }, decided)).toBe(
      'finished',
    )
  })

  it('reads what was appended to a torn line', async () => {
    const file = write(id, begun, planned)
    appendFileSync(file, '{"kind":"deci')
    append(file, { kind: 'finished-by', run: 'r2' })
    expect(await readRun(id, file)).toMatchObject({ finishedBy: 'r2', state: 'finished' })
  })

  it('is undefined for what is no journal', async () => {
    mkdirSync(directory, { recursive: true })
    const file = join(directory, `${id}.ndjson`)
    writeFileSync(file, Buffer.from([0, 255, 10, 123]))
    expect(await readRun(id, file)).toBeUndefined()
  })

  const commitOf = (host: string): NewEvent => ({ kind: 'step', phase: 'commit', host, ok: true })
  it.each<[string, string, readonly NewEvent[]]>([
    ['finished', 'nothing was planned', [begun]],
    ['unfinished', 'it died before the decision', [begun, planned]],
    ['unfinished', 'it died after the decision', [begun, planned, decided]],
    ['unfinished', 'one commit is not known', [begun, planned, decided, commitOf('node2')]],
    [
      'finished',
      'every commit is known',
      [begun, planned, decided, commitOf('node2'), commitOf('node3')],
    ],
    [
      'finished',
      'it only cleared away what a dead run had left, and died after its decision',
      [begun, { kind: 'planned', plans: [] }, decided],
    ],
    ['finished', 'everything was rolled back', [begun, planned, outcomes('rolled-back')]],
    [
      'unfinished',
      'a host is in doubt at its end',
      [begun, planned, outcomes('incomplete'), ended],
    ],
    ['unfinished', 'it planned again and died', [begun, planned, outcomes('rolled-back'), planned]],
    ['finished', 'another run finished it', [begun, planned, { kind: 'finished-by', run: 'r2' }]],
    ['unfinished', 'its process lives, but it has ended', [begunHere, planned, ended]],
    [
      'unfinished',
      'another process has its number',
      [{ ...begunHere, started: `${begunHere.started}0` }, planned],
    ],
  ])('is %s if %s', async (state, _, events) => {
    expect(await stateOf(...events)).toBe(state)
  })

  it('is not decided when the decision could not be put on the disk', async () => {
    const file = write(id, begun, planned, decided, { kind: 'undecided' })
    expect((await readRun(id, file))?.decided).toBe(false)
  })

  it('is not decided by what its transaction before decided', async () => {
    const file = write(id, begun, planned, decided, outcomes(), planned)
    expect((await readRun(id, file))?.decided).toBe(false)
  })

  it('has not touched a host that had nothing to change any more when it was planned again', async () => {
    const plans = planned.kind === 'planned' ? planned.plans : []
    const idle = {
      kind: 'planned',
      plans: plans.map((plan) => ({ ...plan, changes: [] })),
    } as const
    const file = write(id, begun, planned, idle, decided, commitOf('node2'), commitOf('node3'))
    const outcomes = (await readRun(id, file))?.hosts.map(({ outcome }) => outcome?.kind)
    expect(outcomes).toEqual(['untouched', 'untouched'])
  })

  it.each<[string, readonly NewEvent[], number]>([
    ['is not known to keep its change', [], 0],
    ['said so', [decided, commitOf('node2')], 1],
    ['is told of at the end', [decided, outcomes()], 2],
    ['was rolled back', [outcomes('rolled-back')], 0],
  ])('counts a host as changed only if it committed: one that %s', async (_, events, committed) => {
    const run = await readRun(id, write(id, begun, planned, ...events))
    expect(run?.came).toEqual({ planned: 2, committed })
  })

  it('keeps the faults of hosts, and what else was objected', async () => {
    const objections = [{ kind: 'probe', reason: 'the site is down' }]
    const fault: NewEvent = { kind: 'step', phase: 'apply', host: 'node2', ok: false, detail: 'no' }
    const end: NewEvent = { ...outcomes('rolled-back'), objections }
    const run = await readRun(id, write(id, begun, planned, fault, end))
    expect(run?.troubles).toMatchObject([{ host: 'node2', phase: 'apply', detail: 'no' }])
    expect(run?.objections).toEqual(objections)
  })

  it('keeps the waves, and who was left out', async () => {
    const waves: NewEvent = { kind: 'waves', waves: [['node2'], ['node3']] }
    const left: NewEvent = { kind: 'left-out', hosts: [{ name: 'node1', address: '192.0.2.11' }] }
    expect(await readRun(id, write(id, begun, left, waves, planned))).toMatchObject({
      waves: [['node2'], ['node3']],
      tolerated: ['node1'],
    })
  })

  it('takes the first beginning and the last end', async () => {
    const file = write(id, begun, { ...ended, exitCode: 2 }, ended)
    append(file, { ...begun, command: 'remove' })
    expect(await readRun(id, file)).toMatchObject({
      begun: { command: 'apply' },
      ended: { exitCode: 0 },
    })
  })
})
