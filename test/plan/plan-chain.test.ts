import { describe, expect, it } from 'vitest'
import type { HostState } from '../../src/facts/state.ts'
import type { Intent } from '../../src/guard/intent.ts'
import { wantedChain } from '../../src/guard/mangle-chain.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { plainChange, recordedChange } from '../../src/journal/recorded-change.ts'
import { parseTable } from '../../src/nft/printed-table.ts'
import { undoOf } from '../../src/plan/change.ts'
import { differences, leftOf } from '../../src/plan/left-after-rollback.ts'
import { planHost } from '../../src/plan/plan.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { nftIntent, printed } from '../guard/nft-intent.ts'
import { exactSet, forward, guard, hostState, intent } from './host-state.ts'

const sets = `${exactSet}
create cluster_nodes-6 hash:ip family inet6 hashsize 1024 maxelem 65536
add cluster_nodes-6 fd00::11`

/** A table mangle with our chain of a family, after these rules of others. */
function mangleOf(family: 4 | 6, before: readonly string[] = [], edit = (text: string) => text) {
  const chain = wantedChain(mangleIntent, family)
  const lines = [...(chain?.rules ?? [])].map(({ raw }) => `[0:0] ${raw}`)
  const text = edit(
    `*mangle\n:PREROUTING ACCEPT [0:0]\n:FW-RUN - [0:0]\n${[...before, '-A PREROUTING -i ens18 -j FW-RUN', ...lines].join('\n')}\nCOMMIT`,
  )
  return parseRuleset(text)
}

function chained(before: readonly string[] = [], edit?: (text: string) => string): HostState {
  const state = hostState(forward(), sets)
  return { ...state, mangle: { 4: mangleOf(4, before, edit), 6: mangleOf(6) } }
}

function planOn(state: HostState, wanted: Intent = mangleIntent) {
  const plan = planHost(state, wanted)
  return plan.kind === 'planned' ? plan : expect.fail(plan.reason)
}

/** Changes in short: the name of a set, the family of a chain; a sign says whether it comes, goes or stays. */
function inShort(state: HostState, wanted: Intent = mangleIntent): readonly string[] {
  return planOn(state, wanted).changes.map((change) => {
    const about = change.kind === 'set' ? change.name : 'family' in change ? change.family : ''
    const has = (side: unknown) => (Array.isArray(side) ? side.length > 0 : side !== undefined)
    const sign = has(change.before) ? (has(change.after) ? '=' : '-') : '+'
    return `${sign}${change.kind} ${about}`.trim()
  })
}

const removal = { kind: 'remove', set: intent.set } as const

describe('planHost for a chain', () => {
  it('makes the sets, then the chain of each family', () => {
    expect(inShort(hostState(forward()))).toEqual([
      '+set cluster_nodes',
      '+set cluster_nodes-6',
      '+chain 4',
      '+chain 6',
    ])
    expect(planOn(hostState(forward())).notes).toContainEqual(
      expect.stringContaining('mangle cannot reject'),
    )
  })

  it('is converged with what it made, and where Felix has put its jump before', () => {
    expect(inShort(chained())).toEqual([])
    expect(inShort(chained(['-A PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT']))).toEqual([])
  })

  it('goes before a rule that lets outsiders pass, and names it', () => {
    const plan = planOn(chained(['-A PREROUTING -p tcp -j ACCEPT']))
    expect(plan.changes).toMatchObject([
      {
        kind: 'chain',
        family: 4,
        before: { jumps: [{ position: 2 }] },
        after: { jumps: [{ position: 1 }] },
      },
    ])
    expect(plan.notes).toContainEqual(
      expect.stringMatching(
        /-A PREROUTING -p tcp -j ACCEPT\. So the rule that leads to the chain of fw-run goes to the top of PREROUTING$/,
      ),
    )
  })

  it('mends an edited chain and leaves the rule that leads to it where it stands', () => {
    const edited = chained(['-A PREROUTING -i docker0 -j ACCEPT'], (text) =>
      text.replace('[0:0] -A FW-RUN', '[0:0] -A FW-RUN -j RETURN\n[0:0] -A FW-RUN'),
    )
    expect(planOn(edited).changes).toMatchObject([
      { kind: 'chain', family: 4, after: { jumps: [{ position: 2 }] } },
    ])
  })

  it('refills one of an older fw-run, which stops errors of routers', () => {
    const older = chained([], (text) => text.replace(/.*--ctstate RELATED.*\n/, ''))
    expect(inShort(older)).toEqual(['=chain 4'])
  })

  it('refuses a chain of another program, and removes none of it', () => {
    const foreign = chained([], (text) => text.replaceAll('--ctdir REPLY', '--ctstate NEW'))
    expect(planHost(foreign, mangleIntent)).toMatchObject({ kind: 'refused', over: 'chain' })
    expect(inShort(foreign, removal)).toEqual([
      '-chain 6',
      '-set cluster_nodes',
      '-set cluster_nodes-6',
    ])
  })

  it('keeps sets that others use, and a set of IPv6 for which no chain of ours asks', () => {
    const users = (count: number) => new Map([['cluster_nodes', count]])
    expect(inShort({ ...chained(), setUsers: users(1) }, removal)).toContain('-set cluster_nodes')
    const used = { ...chained(), setUsers: users(2) }
    for (const wanted of [removal, nftIntent]) {
      expect(inShort(used, wanted)).not.toContain('-set cluster_nodes')
      expect(planOn(used, wanted).notes).toContainEqual(
        expect.stringContaining('set cluster_nodes is kept'),
      )
    }
    for (const wanted of [removal, nftIntent, intent]) {
      expect(inShort(hostState(forward(), sets), wanted)).not.toContain('-set cluster_nodes-6')
    }
  })

  it('refuses a set of IPv6 that is not of our type', () => {
    const state = hostState(forward(), 'create cluster_nodes-6 hash:net family inet6')
    expect(planHost(state, mangleIntent)).toMatchObject({
      ...{ kind: 'refused', over: 'set' },
      reason: expect.stringContaining('not hash:ip inet6'),
    })
  })

  it('puts the new guard in before the old one goes, whichever they are', () => {
    const guarded = hostState(forward([4, guard]), exactSet)
    expect(inShort(guarded)).toEqual(['+set cluster_nodes-6', '+chain 4', '+chain 6', '-rules'])
    const tabled = { ...hostState(forward()), table: parseTable(printed) }
    expect(inShort(tabled).at(-1)).toBe('-table')
    expect(inShort(chained(), nftIntent)).toEqual([
      '+table',
      '-chain 4',
      '-chain 6',
      '-set cluster_nodes',
      '-set cluster_nodes-6',
    ])
    expect(inShort(chained(), intent)).toEqual([
      '+rules',
      '-chain 4',
      '-chain 6',
      '-set cluster_nodes-6',
    ])
    expect(undoOf(planOn(guarded).changes).map(({ kind }) => kind)).toEqual([
      'rules',
      'chain',
      'chain',
      'set',
    ])
  })

  it('takes off chain and set of a family of which nothing is closed any more, and of another fw_set', () => {
    const four = { ...mangleIntent, podCidrs: ['10.42.0.0/16'] }
    expect(inShort(chained(), four)).toEqual(['-chain 6', '-set cluster_nodes-6'])
    expect(inShort(chained(), { ...mangleIntent, set: 'nodes' })).toEqual([
      '+set nodes',
      '+set nodes-6',
      '=chain 4',
      '=chain 6',
      '-set cluster_nodes',
      '-set cluster_nodes-6',
    ])
  })
})

describe('a change of a chain', () => {
  it('is read back from a journal as it was', () => {
    for (const change of planOn(hostState(forward())).changes) {
      const written = JSON.parse(JSON.stringify(plainChange(change)))
      expect(plainChange(recordedChange.parse(written))).toEqual(plainChange(change))
    }
  })

  it('is told after a rollback that left it', () => {
    const before = hostState(forward())
    const left = differences(before, chained(), intent.set)
    expect(left).toContainEqual(
      expect.stringMatching(/^chain FW-RUN of mangle \(iptables\) is now/),
    )
    expect(left).toContainEqual(expect.stringContaining('set cluster_nodes-6 is now: fd00::11'))
    expect(differences(chained(), chained(), intent.set)).toEqual([])
    expect(leftOf(planOn(before).changes, chained(), intent.set)).toHaveLength(4)
    expect(leftOf(planOn(before).changes, before, intent.set)).toEqual([])
  })
})
