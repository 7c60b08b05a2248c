import { describe, expect, it, vi } from 'vitest'
import { checkList } from '../../src/check-names/check-list.ts'
import type { RunEvent } from '../../src/events.ts'
import { outputIn } from '../../src/main/output.ts'
import { isolate, printedSoFar } from '../cli/isolate.ts'
import { readOutput, schema } from '../report/contract.ts'

isolate()

describe('outputIn', () => {
  it('gives each event of ndjson the time when it happened', () => {
    const events: readonly RunEvent[] = [
      { kind: 'run-started', run: 'r1', command: 'apply', hosts: ['a'] },
      { kind: 'phase-started', phase: 'connect', hosts: 1, names: ['a'], seconds: 10 },
      { kind: 'host-done', phase: 'connect', host: 'a', ok: false, detail: 'No.' },
      { kind: 'phase-ended', phase: 'connect' },
      { kind: 'phase-started', phase: 'probe', probes: 1, names: ['tcp a:1'] },
      { kind: 'probe-done', probe: 'tcp a:1', ok: true },
      { kind: 'warning', message: 'odd' },
      { kind: 'decided' },
      { kind: 'interrupted', decided: true, committed: false },
    ]
    vi.useFakeTimers({ now: Date.parse('2026-11-23T04:15:00.000Z') })
    const output = outputIn('ndjson', false, 'apply')
    for (const event of events) {
      vi.advanceTimersByTime(1000)
      output.event(event)
    }
    vi.useRealTimers()
    expect(readOutput(printedSoFar(), 'ndjson')).toEqual(
      events.map((event, index) => ({
        ...{ schema: 1, time: `2026-11-23T04:15:0${index + 1}.000Z` },
        ...event,
      })),
    )
  })
})

describe('schema/fw-run.schema.json', () => {
  it('knows the id of every check', () => {
    expect(schema.$defs.check.properties.id.enum).toEqual(Object.keys(checkList))
  })

  it('refuses a field that it does not describe', () => {
    const line = { schema: 1, time: '2026-11-23T04:15:00.000Z', kind: 'decided' }
    expect(() => readOutput(JSON.stringify({ ...line, odd: 1 }), 'ndjson')).toThrow(/odd/)
  })
})
