import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { examineHosts, toRemove } from '../../src/stages/examine.ts'
import { beginRun } from '../../src/stages/run.ts'
import { factsWith, host } from '../preflight/subject.ts'

it('lets everything else have its turn between two hosts: a plan takes long, and hosts want to hear from us', async () => {
  let turns = 0
  const seen: number[] = []
  const run = beginRun(
    'apply',
    8,
    {
      emit: (event) => void (event.kind === 'host-done' && seen.push(turns)),
      flushed: async () => {},
    },
    new AbortController().signal,
  )
  const opened = Array.from({ length: 5 }, (_, i) => ({
    host: { ...host, name: `node${i}` },
    findings: [],
    link: undefined,
    facts: factsWith(),
  }))
  const inventory = {
    file: 'hosts.yaml',
    hosts: [],
    nodes: [],
    hostsToProtect: [],
    group: 'all',
    groups: new Map(),
    warnings: [],
  }
  let over = false
  const others = (async () => {
    while (!over) {
      await nextTurn()
      turns++
    }
  })()
  const dial = () => Promise.reject(new Error('nobody is to be dialled'))
  const opener = { dial, knownHosts: [], timeout: 1, patience: 1, idle: 1 }
  const cluster = { inventory, hosts: [], unfinished: [], opener, opened }
  await examineHosts(cluster, toRemove, 'change', run)
  over = true
  await others
  expect(new Set(seen).size).toBe(5)
})
