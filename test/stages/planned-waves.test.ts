import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events.ts'
import type { ExaminedHost } from '../../src/stages/examine.ts'
import { warnOfIdleWaves } from '../../src/stages/planned-waves.ts'
import { forward, hostState, intent } from '../plan/host-state.ts'
import { host } from '../preflight/subject.ts'
import { fresh } from '../report/run.ts'

const one = { count: 1, isPercent: false }
const none = { serial: undefined, serialFirst: undefined, wavePause: undefined }

/** A host with something to change, or without. */
function examined(name: string, changes = fresh): ExaminedHost {
  const plan = { kind: 'planned', changes, notes: [] } as const
  const opened = { host: { ...host, name }, findings: [], link: undefined, facts: undefined }
  return { ...opened, examined: { state: hostState(forward()), intent, plan } }
}

/** What is warned of where `node1` has nothing to change, and two others have. */
function warnings(given: Partial<Parameters<typeof warnOfIdleWaves>[1]>, first: string[] = []) {
  const said: RunEvent[] = []
  const serial = { sizes: given.serial ?? [], first: new Set(first) }
  const hosts = [examined('node1', []), examined('node2'), examined('node3')]
  warnOfIdleWaves({ examined: hosts, serial }, { ...none, ...given }, { emit: (e) => said.push(e) })
  return said.flatMap((event) => (event.kind === 'warning' ? [event.message] : []))
}

describe('warnOfIdleWaves', () => {
  it.each<[string, Parameters<typeof warnings>, RegExp]>([
    [
      '100 %',
      [{ serial: [{ count: 100, isPercent: true }] }],
      /^--serial has no effect: all hosts to be changed \(node\[2:3\]\) are in one wave/,
    ],
    [
      'sizes larger than what is to be changed',
      [{ serial: [{ ...one, count: 9 }], wavePause: 60 }],
      /^--serial and --pause have no effect/,
    ],
    [
      'all hosts first',
      [{ serialFirst: 'all' }, ['node1', 'node2', 'node3']],
      /^--serial-first has no effect: .* No host is tested before the others/,
    ],
    [
      'a host to go first that has nothing to change',
      [{ serialFirst: 'node1' }, ['node1']],
      /^--serial-first has no effect: all hosts to be changed \(node\[2:3\]\) are in one wave/,
    ],
    [
      'the same with sizes',
      [{ serialFirst: 'node1', serial: [one] }, ['node1']],
      /^every host of --serial-first is already as wanted, so the first wave is node2$/,
    ],
  ])('warns of %s', (_, words, message) => {
    expect(warnings(...words)).toEqual([expect.stringMatching(message)])
  })

  it.each<[string, Parameters<typeof warnings>]>([
    ['without waves', [{}]],
    ['with waves', [{ serial: [one], wavePause: 60 }]],
    ['where one of the hosts to go first has a change', [{ serialFirst: 'x' }, ['node1', 'node3']]],
  ])('says nothing %s', (_, words) => {
    expect(warnings(...words)).toEqual([])
  })
})
