import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import { examineHosts, type Goal, toRemove } from '../../src/stages/examine.ts'
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

it('fails for a host on which our own work throws, and for no other', async () => {
  const viewer = { emit: () => {}, flushed: async () => {} }
  const run = beginRun('apply', 8, viewer, new AbortController().signal)
  const opened = ['node1', 'node2'].map((name) => ({
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
  const goal: Goal = {
    kind: 'remove',
    intentOf(one, ...more) {
      if (one.host.name === 'node1') throw new Error('boom')
      return toRemove.intentOf(one, ...more)
    },
  }
  const cluster = { inventory, hosts: [], unfinished: [], opener, opened }
  const { examined } = await examineHosts(cluster, goal, 'change', run)
  const failed = examined.map(({ findings }) =>
    findings.flatMap(({ result }) => (result.kind === 'fail' ? [result.reason] : [])),
  )
  expect(failed).toEqual([['fw-run itself failed with the facts of this host: boom'], []])
})

it('plans for no further host once it is interrupted, and tells of none', async () => {
  const controller = new AbortController()
  const told: string[] = []
  const viewer = {
    emit: (event: RunEvent) => void (event.kind === 'host-done' && told.push(event.host)),
    flushed: async () => {},
  }
  const run = beginRun('apply', 8, viewer, controller.signal)
  const opened = ['node1', 'node2'].map((name) => ({
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
  const goal: Goal = {
    kind: 'remove',
    intentOf(...about) {
      controller.abort()
      return toRemove.intentOf(...about)
    },
  }
  const cluster = { inventory, hosts: [], unfinished: [], opener, opened }
  const { examined } = await examineHosts(cluster, goal, 'change', run)
  expect(examined.map((one) => one.examined)).toEqual([undefined, undefined])
  expect(told).toEqual([])
})
