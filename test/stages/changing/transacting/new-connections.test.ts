import { expect, it } from 'vitest'
import type { Opener } from '../../../../src/cluster/opener.ts'
import type { RunEvent } from '../../../../src/events.ts'
import { beginRun } from '../../../../src/runs/run.ts'
import { openNewConnections } from '../../../../src/stages/changing/transacting/new-connections.ts'
import { host } from '../../../preflight/subject.ts'
import { accessAt } from '../../../ssh/host-access.ts'

it('opens none to the jump host itself, and says so by the number of hosts', async () => {
  const events: RunEvent[] = []
  const viewer = { emit: (event: RunEvent) => void events.push(event), flushed: async () => {} }
  const { signal } = new AbortController()
  const run = beginRun('apply', 4, viewer, signal)
  const opener = {
    // Nothing listens on port 1.
    dial: async () => accessAt(1),
    timeout: 1,
  } as unknown as Opener
  const here = { ...host, name: 'here', isLocal: true } as const
  const found = await openNewConnections([here, { ...host, name: 'there' }], opener, run, signal)
  expect(found).toMatchObject([{ kind: 'unanswered', host: 'there' }])
  expect(events.find(({ kind }) => kind === 'phase-started')).toMatchObject({ names: ['there'] })

  events.length = 0
  expect(await openNewConnections([here], opener, run, signal)).toEqual([])
  expect(events.filter(({ kind }) => kind === 'phase-started')).toEqual([])
})
