import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events.ts'
import { logProgress } from '../../../src/report/progress/log-progress.ts'

/** What these events leave in a log. */
function logged(...events: readonly RunEvent[]): string {
  const stream = new PassThrough()
  const progress = logProgress(stream as unknown as NodeJS.WriteStream, false)
  for (const event of events) progress.show(event)
  return `${stream.read() ?? ''}`
}

const connect = { phase: 'connect' } as const
const three = { hosts: 3, names: ['node1', 'node2', 'node3'] }

describe('logProgress', () => {
  it('says how a phase came out, and nothing of one without hosts', () => {
    expect(
      logged(
        { kind: 'phase-started', ...connect, hosts: 1, names: ['node1'] },
        { kind: 'host-done', ...connect, host: 'node1', ok: false, detail: 'no answer' },
        { kind: 'phase-ended', ...connect },
        { kind: 'phase-started', phase: 'preflight', hosts: 0, names: [] },
        { kind: 'phase-ended', phase: 'preflight' },
      ),
    ).toBe('Connect and read facts: node1: no answer\nConnect and read facts: 0 of 1 hosts\n')
  })

  it('does not call a phase done that Ctrl-C cut short', () => {
    const lines = logged(
      { kind: 'phase-started', ...connect, ...three },
      { kind: 'host-done', ...connect, host: 'node1', ok: true },
      { kind: 'interrupted', decided: false, committed: false },
      { kind: 'phase-ended', ...connect },
    )
    expect(lines).toContain('Connect and read facts: 1 of 3 hosts, interrupted\n')
  })

  it('says of the watch how long it takes, and that the change is kept', () => {
    expect(logged({ kind: 'phase-started', phase: 'watch', ...three, seconds: 180 })).toBe(
      'Watch for programs that move rules: 180 s left; the change is kept already\n',
    )
  })
})
