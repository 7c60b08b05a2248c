import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { plainProgress } from '../../src/report/line-progress.ts'

describe('plainProgress', () => {
  it('tells of a phase when it ends, and nothing of one without hosts', () => {
    const stream = new PassThrough()
    const progress = plainProgress(stream as unknown as NodeJS.WriteStream)
    const name = { phase: 'connect', host: 'node1' } as const
    progress.show({ kind: 'phase-started', phase: 'connect', hosts: 1 })
    progress.show({ kind: 'host-done', ...name, ok: false, detail: 'no answer' })
    progress.show({ kind: 'phase-ended', phase: 'connect' })
    progress.show({ kind: 'phase-started', phase: 'preflight', hosts: 0 })
    progress.show({ kind: 'phase-ended', phase: 'preflight' })
    expect(`${stream.read()}`).toBe(
      'Connect and read facts: node1: no answer\nConnect and read facts: 0 of 1 hosts\n',
    )
  })
})
