import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { beginRun } from '../../src/runs/run.ts'
import { examineHosts, type Goal, toRemove } from '../../src/stages/examine.ts'
import { factsWith, host } from '../preflight/subject.ts'

/** Examines opened hosts of these names, of which nothing is wrong. `told` hears of each host as it is done. */
function examine(
  names: readonly string[],
  goal: Goal = toRemove,
  told: (host: string) => void = () => {},
  signal = new AbortController().signal,
) {
  const viewer = {
    emit: (event: RunEvent) => {
      if (event.kind === 'host-done') told(event.host)
    },
    flushed: async () => {},
  }
  const opened = names.map((name) => ({
    host: { ...host, name },
    findings: [],
    link: undefined,
    facts: factsWith(),
  }))
  const inventory = {
    ...{ file: 'hosts.yaml', hosts: [], nodes: [], hostsToProtect: [], group: 'all' },
    ...{ groups: new Map(), warnings: [] },
  }
  const dial = () => Promise.reject(new Error('nobody is to be dialled'))
  const opener = { dial, knownHosts: [], timeout: 1, patience: 1, idle: 1 }
  const cluster = { inventory, hosts: [], unfinished: [], opener, opened }
  return examineHosts(cluster, goal, 'change', beginRun('apply', 8, viewer, signal))
}

describe('examineHosts', () => {
  it('lets everything else have its turn, between two hosts and between the steps for one: a plan takes long', async () => {
    let turns = 0
    let over = false
    const others = (async () => {
      while (!over) {
        await nextTurn()
        turns++
      }
    })()
    const seen: number[] = []
    await examine(['1', '2', '3', '4', '5'], toRemove, () => seen.push(turns))
    expect(seen[0]).toBeGreaterThan(3)
    over = true
    await others
    expect(new Set(seen).size).toBe(5)
  })

  it('fails for a host on which our own work throws, and for no other', async () => {
    const { examined } = await examine(['node1', 'node2'], {
      kind: 'remove',
      intentOf(one, ...more) {
        if (one.host.name === 'node1') throw new Error('boom')
        return toRemove.intentOf(one, ...more)
      },
    })
    const failed = examined.map(({ findings }) =>
      findings.flatMap(({ result }) => (result.kind === 'fail' ? [result.reason] : [])),
    )
    expect(failed).toEqual([['fw-run itself failed with the facts of this host: boom'], []])
  })

  it('plans for no further host once it is interrupted, and tells of none', async () => {
    const controller = new AbortController()
    const goal: Goal = {
      kind: 'remove',
      intentOf(...about) {
        controller.abort()
        return toRemove.intentOf(...about)
      },
    }
    const told: string[] = []
    const { examined } = await examine(
      ['node1', 'node2'],
      goal,
      (name) => told.push(name),
      controller.signal,
    )
    expect(examined.map((one) => one.examined)).toEqual([undefined, undefined])
    expect(told).toEqual([])
  })
})
