import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { parseInventory } from '../../src/inventory/load.ts'
import { beginRun } from '../../src/runs/run.ts'
import { tryAfter, tryBefore } from '../../src/stages/try-probes.ts'
import { startServer } from '../probes/server.ts'

const inventory = (port: number) =>
  parseInventory(
    `all:
  hosts:
    node1: { ansible_host: 192.0.2.11, fw_probes: [tcp: "127.0.0.1:${port}"] }
    node2: { ansible_host: 192.0.2.12, fw_probes: [tcp: "127.0.0.1:${port}", command: "exit 5"] }
`,
    'i.yaml',
    { extraVars: [] },
  )

function runTelling(signal: AbortSignal) {
  const told: RunEvent[] = []
  const view = { emit: (event: RunEvent) => void told.push(event), flushed: async () => {} }
  return { run: beginRun('apply', 4, view, signal), told }
}

describe('tryBefore and tryAfter', () => {
  it('try equal probes of several hosts once, and tell of each', async () => {
    const server = await startServer(() => {})
    const { run, told } = runTelling(new AbortController().signal)
    const before = await tryBefore(inventory(server.port).hostsToProtect, 10, run)
    expect(server.connections()).toBe(1)
    expect(before).toMatchObject([
      {
        probe: { kind: 'tcp' },
        places: ['i.yaml:3:52', 'i.yaml:4:52'],
        before: { kind: 'passed' },
        after: undefined,
      },
      { probe: { kind: 'command' }, before: { kind: 'failed', reason: 'exit code 5' } },
    ])
    expect(told).toMatchObject([
      { kind: 'phase-started', phase: 'probe', probes: 2 },
      { kind: 'probe-done', probe: `tcp 127.0.0.1:${server.port}`, ok: true },
      { kind: 'probe-done', probe: 'command exit 5', ok: false, detail: 'exit code 5' },
      { kind: 'phase-ended', phase: 'probe' },
    ])
    await server.close()
    const [after, unasked] = await tryAfter(before, 10, run, run.signal)
    expect(after).toMatchObject({ before: { kind: 'passed' }, after: { kind: 'failed' } })
    expect(unasked).toMatchObject({ before: { kind: 'failed' }, after: undefined })
  })

  it('find out nothing when interrupted', async () => {
    const controller = new AbortController()
    const { run } = runTelling(controller.signal)
    const trying = tryBefore(inventory(9).hostsToProtect, 10, run)
    controller.abort()
    expect((await trying).map(({ before }) => before)).toEqual([undefined, undefined])
    expect((await tryBefore(inventory(9).hostsToProtect, 10, run)).length).toBe(2)
  })
})
