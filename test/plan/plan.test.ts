import { describe, expect, it } from 'vitest'
import { guardRule } from '../../src/guard/forward-rule.ts'
import type { Intent } from '../../src/guard/intent.ts'
import type { PlacedRule } from '../../src/guard/placed-rule.ts'
import type { Change } from '../../src/plan/change.ts'
import { planHost } from '../../src/plan/plan.ts'
import { exactSet, forward, guard, hostState, intent } from './host-state.ts'

/** The changes of a plan in short: sets by members, rules as `position: raw`. */
function changesIn(state: ReturnType<typeof hostState>, wanted: Intent = intent) {
  const plan = planHost(state, wanted)
  if (plan.kind === 'refused') throw new Error(plan.reason)
  return plan.changes.map(changeInShort)
}

function changeInShort(change: Change): object {
  switch (change.kind) {
    case 'set':
      return { set: change.name, before: change.before?.members, after: change.after?.members }
    case 'rules':
      return { before: inShort(change.before), after: inShort(change.after) }
    case 'table':
      return { table: [change.before, change.after] }
    case 'chain':
      return { chain: change.family }
    case 'boot':
      return { boot: [change.before, change.after] }
  }
}

function inShort(rules: readonly PlacedRule[]): readonly string[] {
  return rules.map(({ position, rule }) => `${position}: ${rule.raw}`)
}

const setCreated = { set: 'cluster_nodes', before: undefined, after: intent.members }
const drop = guard.replace(/REJECT .*/, 'DROP')
const withComment = guard.replace(' -j', ' -m comment --comment "ours, ann" -j')

describe('planHost to protect', () => {
  it('creates the set before the rule on a fresh host', () => {
    expect(changesIn(hostState(forward()))).toEqual([
      setCreated,
      { before: [], after: [`4: ${guard}`] },
    ])
  })

  it.each([
    ['exactly so', guard],
    ['with a comment of an administrator', withComment],
    ['with counters', `[7:420] ${guard}`],
  ])('has nothing to do where the rule stands %s', (_, rule) => {
    expect(changesIn(hostState(forward([4, rule]), exactSet))).toEqual([])
  })

  it('mends a set that has drifted, and leaves the rule', () => {
    expect(
      changesIn(hostState(forward([4, guard]), `${exactSet}\nadd cluster_nodes 192.0.2.66`)),
    ).toEqual([{ ...setCreated, before: ['192.0.2.11', '192.0.2.12', '192.0.2.66'] }])
  })

  it.each([1, 2, 5])(
    'moves a rule that stands at %i, whichever it is, to the same position',
    (at) => {
      expect(changesIn(hostState(forward([at, guard]), exactSet))).toEqual([
        { before: [`${at}: ${guard}`], after: [`4: ${guard}`] },
      ])
    },
  )

  it.each([
    ['a duplicate', forward([4, guard], [5, guard]), intent],
    ['the other action', forward([4, drop]), intent],
    ['the wrong interface', forward([4, guard.replace('ens18', 'ens19')]), intent],
    ['no interface', forward([4, guard.replace('-i ens18 ', '')]), intent],
    [
      'no exemption for published ports',
      forward([4, guard]),
      { ...intent, published: 'allow' } as const,
    ],
    [
      'a copy that an agent left when it was killed',
      forward([4, guard], [5, withComment.replace('ours, ann', 'fw-run-moving-20261123')]),
      intent,
    ],
    [
      'only such a copy',
      forward([4, withComment.replace('ours, ann', 'fw-run-moving-20261123')]),
      intent,
    ],
    ['one interface of two', forward([4, guard]), { ...intent, interfaces: ['ens18', 'ens19'] }],
  ])('replaces all rules of fw-run where it finds %s', (_, rules, wanted) => {
    const found = rules.flatMap((rule, i) =>
      rule.includes('cluster_nodes') ? [`${i + 1}: ${rule}`] : [],
    )
    const after = wanted.interfaces.map((name, i) => `${4 + i}: ${guardRule(wanted, name).raw}`)
    expect(changesIn(hostState(rules, exactSet), wanted)).toEqual([{ before: found, after }])
  })

  it('leaves a rule that stands elsewhere, but where it does all it should and nothing else', () => {
    expect(changesIn(hostState(forward([3, guard]), exactSet))).toEqual([])
  })

  it('moves a rule that no packet of an outsider reaches, although it would do no harm there', () => {
    const rules = forward([3, '-A FORWARD -j REJECT'], [4, guard])
    expect(changesIn(hostState(rules, exactSet))).toEqual([
      { before: [`4: ${guard}`], after: [`3: ${guard}`] },
    ])
  })

  it('leaves rules for two interfaces in whichever order', () => {
    const rules = forward([4, guard.replace('ens18', 'ens19')], [5, guard])
    const wanted = { ...intent, interfaces: ['ens18', 'ens19'] }
    expect(changesIn(hostState(rules, exactSet), wanted)).toEqual([])
  })

  it('leaves rules alone that use the set otherwise', () => {
    const others = [
      '-A FORWARD -m set --match-set cluster_nodes src -j REJECT',
      '-A FORWARD -m set ! --match-set cluster_nodes src -j LOG',
      '-A FORWARD -m set ! --match-set cluster_nodes dst -j DROP',
      '-A FORWARD -m set ! --match-set cluster_nodes_2 src -j DROP',
    ]
    const state = hostState([...others, ...forward([4, guard])], exactSet)
    expect(changesIn(state)).toEqual([])
  })

  it.each([
    ['hash:net family inet', 'hash:net inet'],
    ['hash:ip family inet6', 'hash:ip inet6'],
    ['list:set size 8', 'list:set inet'],
    ['hash:ip family inet timeout 60', 'with option timeout'],
    ['hash:ip family inet netmask 24', 'with option netmask'],
    ['hash:ip family inet bitmask 255.255.255.0', 'with option bitmask'],
  ])('refuses a set of its name that is %s', (type, said) => {
    const plan = planHost(hostState(forward(), `create cluster_nodes ${type}`), intent)
    expect(plan).toMatchObject({
      kind: 'refused',
      over: 'set',
      reason: expect.stringContaining(said),
    })
  })

  it.each([
    ['a tab', '"a\tb"'],
    ['an unprintable character, of which only U+FFFD arrives', '"a\ufffdb"'],
    ['nothing', '""'],
  ])('refuses a rule of fw-run whose comment holds %s', (_, comment) => {
    const odd = guard.replace(' -j', ` -m comment --comment ${comment} -j`)
    expect(planHost(hostState(forward([2, odd]), exactSet), intent)).toMatchObject({
      kind: 'refused',
      over: 'rules',
      remedy: expect.stringContaining('iptables -D FORWARD 2'),
    })
  })

  it.each([
    ['nothing uses', [], 'If nobody needs the set, run `ipset destroy cluster_nodes`'],
    [
      'the rule of fw-run uses',
      [guard],
      'The guard uses that set: run `fw-run remove --limit HOST`',
    ],
    [
      'another rule uses',
      ['-A FORWARD -m set --match-set cluster_nodes src -j LOG'],
      'Other rules or sets use that set (-A FORWARD -m set --match-set cluster_nodes src -j LOG)',
    ],
  ])('says what to do about a misfit set that %s', (_, rules, remedy) => {
    const misfit = 'create cluster_nodes hash:net family inet'
    const plan = planHost(hostState([...rules, ...forward()], misfit), intent)
    expect(plan).toMatchObject({ over: 'set', remedy: expect.stringContaining(remedy) })
  })

  it('refuses if no pod network is known', () => {
    const plan = planHost(hostState(forward(), exactSet), { ...intent, podCidrs: [] })
    const remedy = expect.stringContaining('fw_pod_cidrs')
    expect(plan).toMatchObject({ kind: 'refused', over: 'position', remedy })
  })

  it('notes a set that is left from an earlier run', () => {
    const left = `${exactSet}\ncreate fw-run-aside hash:ip family inet`
    const note = expect.stringContaining('ipset destroy fw-run-aside')
    const state = hostState(forward([4, guard]), left)
    expect(planHost(state, intent)).toMatchObject({ kind: 'planned', changes: [], notes: [note] })
  })

  it('is refused where no position is good, although the rule is there', () => {
    const plan = planHost(hostState([guard], exactSet), intent)
    expect(plan).toMatchObject({ kind: 'refused', over: 'position' })
  })
})

describe('planHost to remove', () => {
  const remove: Intent = { kind: 'remove', set: 'cluster_nodes' }

  it('takes every rule, then the set', () => {
    expect(changesIn(hostState(forward([1, drop], [5, guard]), exactSet), remove)).toEqual([
      { before: [`1: ${drop}`, `5: ${guard}`], after: [] },
      { set: 'cluster_nodes', before: ['192.0.2.11', '192.0.2.12'], after: undefined },
    ])
  })

  it('takes a single rule', () => {
    expect(changesIn(hostState(forward([4, guard])), remove)).toEqual([
      { before: [`4: ${guard}`], after: [] },
    ])
  })

  it('has nothing to do on a host without either', () => {
    expect(changesIn(hostState(forward()), remove)).toEqual([])
  })

  it.each([
    [
      'a rule of somebody else',
      hostState([...forward(), '-A FORWARD -m set --match-set cluster_nodes src -j LOG'], exactSet),
      'LOG',
    ],
    [
      'a rule in another table',
      hostState(
        forward(),
        exactSet,
        '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m set --match-set cluster_nodes src -j RETURN\nCOMMIT',
      ),
      'PREROUTING',
    ],
    [
      'a target that fills it',
      hostState([...forward(), '-A FORWARD -j SET --add-set cluster_nodes src'], exactSet),
      'SET --add-set',
    ],
    [
      'a set of sets',
      hostState(forward(), `${exactSet}\ncreate all list:set size 8\nadd all cluster_nodes`),
      'set all',
    ],
  ])('leaves a set that %s uses, and says so', (_, state, words) => {
    const plan = planHost(state, remove)
    expect(plan).toMatchObject({ changes: [], notes: [expect.stringContaining(words)] })
  })

  it('refuses to remove a rule whose comment it cannot send', () => {
    const odd = guard.replace(' -j', ' -m comment --comment "" -j')
    const plan = planHost(hostState(forward([2, odd]), exactSet), remove)
    expect(plan).toMatchObject({ kind: 'refused', over: 'rules' })
  })

  it('notes a set that is left from an earlier run', () => {
    const state = hostState(forward(), 'create fw-run-aside hash:ip family inet')
    const note = expect.stringContaining('ipset destroy fw-run-aside')
    expect(planHost(state, remove)).toMatchObject({ changes: [], notes: [note] })
  })

  it.each(['hash:net family inet', 'hash:ip family inet6'])(
    'leaves a set of another type (%s), and says so',
    (type) => {
      const plan = planHost(hostState(forward(), `create cluster_nodes ${type}`), remove)
      expect(plan).toMatchObject({ changes: [], notes: [expect.stringContaining(type)] })
    },
  )
})
