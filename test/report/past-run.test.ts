import { describe, expect, it } from 'vitest'
import { jsonOfPastRun, renderPastRun } from '../../src/report/past-run.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { nftIntent } from '../guard/nft-intent.ts'
import { begun, ended, outcomes, pastRunOf, planned } from '../journal/runs.ts'
import { contentOf } from './contract.ts'
import { noPaint } from './run.ts'

const decided = { kind: 'decided' } as const
const done = pastRunOf(begun, planned, decided, outcomes(), ended)

describe('renderPastRun', () => {
  it('tells what was planned, what went wrong and how each host came out', () => {
    const run = pastRunOf(
      begun,
      planned,
      { kind: 'step', phase: 'apply', host: 'node3', ok: false, detail: 'iptables failed' },
      {
        kind: 'outcomes',
        hosts: [
          { host: 'node2', outcome: { kind: 'rolled-back' } },
          {
            host: 'node3',
            outcome: { kind: 'incomplete', left: 'the set' },
            fault: { step: 'apply', kind: 'failed', reason: 'iptables failed' },
          },
        ],
      },
      {
        ...ended,
        outcome: 'rolled-back',
        words: 'not complete on node3',
        exitCode: 8,
        finished: false,
      },
    )
    expect(renderPastRun(run, false, noPaint).join('\n')).toBe(`RUN 20261123-041500-3f9a
  apply by ann@jump, 2026-11-23 04:15Z, took 0.0 s
  inventory /home/ann/inventory.yaml, lease 30 s, fw-run 0.1.0
  decided to keep the change: no

PLANNED
  2 hosts: node2, node3
    create set cluster_nodes with 2 members
    insert rule 4 of FORWARD: -i ens18 -m set ! --match-set cluster_nodes src -j REJECT --reject-with icmp-port-unreachable

TROUBLE
  node3: Apply and verify: iptables failed

HOSTS
  node1 : nothing planned
  node2 : rolled back
  node3 : NOT COMPLETE: the set, fault at apply: iptables failed

runs: run 20261123-041500-3f9a (apply of 2026-11-23 04:15Z by ann@jump) ended before it decided to keep the change. node3: not as before when that run last looked. \`fw-run runs 20261123-041500-3f9a\` shows what was left. \`fw-run recover -i /home/ann/inventory.yaml\` finishes that run.`)
  })

  it('tells why a change was rolled back, and which run finished a host in doubt', () => {
    const objections = [{ kind: 'unconfirmed', reason: 'the answer was no' }]
    const run = pastRunOf(begun, planned, { ...outcomes('incomplete'), objections }, ended, {
      ...{ kind: 'finished-by', run: 'r2' },
    })
    const lines = renderPastRun(run, false, noPaint)
    expect(lines).toContain('  not confirmed: the answer was no')
    expect(lines).toContain('  node3 : finished by run r2')
  })

  it('says of a host whose wave had not come that it was not touched, and names who was left out', () => {
    const run = pastRunOf(
      { ...begun, hosts: ['node1', 'node2', 'node3', 'node4', 'node5'] },
      { kind: 'left-out', hosts: [{ name: 'node1', address: '192.0.2.11' }] },
      { kind: 'waves', waves: [['node2', 'node3'], ['node4']] },
      planned,
    )
    expect(run.state).toBe('unfinished')
    const text = renderPastRun(run, false, noPaint).join('\n')
    expect(text).toContain('  2 waves: node[2:3], then node4\n')
    expect(text).toContain('node1 : left out: fw-run could not log in to it\n')
    expect(text).toContain('node2 : not known\n')
    expect(text).toContain('node4 : not touched: the run did not reach wave 2 of 2\n')
    expect(text).toContain('node5 : nothing planned\n')
    expect(text).toMatch(/before it decided to keep the change\. node2, node3: probably as before/)
    expect(contentOf('runs', jsonOfPastRun(run))).toMatchObject({
      past: { waves: [['node2', 'node3'], ['node4']], tolerated: ['node1'] },
    })
  })

  it('tells of a run that went well, in JSON as well', () => {
    expect(renderPastRun(done, true, noPaint).join('\n')).toContain(
      '+ add cluster_nodes 192.0.2.11',
    )
    expect(renderPastRun(done, false, noPaint).at(-1)).toBe('runs: changed 2 of 3.')
    expect(contentOf('runs', jsonOfPastRun(done))).toMatchObject({
      past: {
        run: '20261123-041500-3f9a',
        state: 'finished',
        decided: true,
        planned: [{ host: 'node2', outcome: { kind: 'committed' } }, { host: 'node3' }],
      },
    })
  })

  it.each([
    ['nft', nftIntent],
    ['mangle', mangleIntent],
    ['remove', { kind: 'remove', set: 'cluster_nodes', guard: 'mangle' } as const],
  ])('tells in JSON what %s wanted, as the schema says', (_, wanted) => {
    const plans = planned.plans.map((one) => ({ ...one, intent: wanted }))
    const run = pastRunOf(begun, { ...planned, plans }, decided, outcomes(), ended)
    const planning = { host: 'node2', intent: { kind: wanted.kind } }
    expect(contentOf('runs', jsonOfPastRun(run))).toMatchObject({
      past: { planned: [planning, {}] },
    })
  })
})
