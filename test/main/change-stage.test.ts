import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { type ChangeStage, stageAfter } from '../../src/main/change-stage.ts'
import { interruption, quitting } from '../../src/words/interruption.ts'

const decided = { kind: 'decided' } as const
const started = (phase: 'apply' | 'commit' | 'watch' | 'recover'): RunEvent => ({
  ...{ kind: 'phase-started', phase, hosts: 1, names: ['node1'] },
})
const committed: RunEvent = { kind: 'phase-ended', phase: 'commit' }

/** What a person reads who presses Ctrl-C after these events, and who presses it again. */
function words(...events: readonly RunEvent[]): string {
  const stage = events.reduce<ChangeStage>(stageAfter, 'open')
  const known = { decided: stage !== 'open', committed: stage === 'committed' }
  return `${interruption(known, false)}\n${quitting(known.committed, 30, false)}`
}

describe('interruption and quitting', () => {
  it('promise no rollback, and ask for no recover, where the run changes no host', () => {
    const known = { decided: false, committed: false }
    const both = `${interruption(known, true)}\n${quitting(false, 30, true)}`
    expect(both).toMatch(/It changes no host\..*\nfw-run quits now\. It changed no host\.$/)
    expect(both).not.toMatch(/roll|recover/)
  })
})

describe('stageAfter', () => {
  it('lets Ctrl-C promise a rollback until the decision', () => {
    expect(words(started('apply'))).toMatch(/rolls back what it changed/)
  })

  it('asks for recover after a second Ctrl-C while hosts are told to commit', () => {
    expect(words(started('apply'), decided, started('commit'))).toMatch(/recover.*\n.*recover/)
  })

  it('asks for no recover while it only watches', () => {
    const watching = words(started('apply'), decided, committed, started('watch'))
    expect(watching).toMatch(/hosts keep the change.*\n.*hosts keep the change/)
    expect(watching).not.toContain('recover')
  })

  it.each(['apply', 'recover'] as const)('begins again with the next %s of recover', (phase) => {
    expect(words(decided, committed, started(phase))).toMatch(/rolls back what it changed/)
  })
})
