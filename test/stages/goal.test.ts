import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../../src/facts/host-facts.ts'
import { readRoutes } from '../../src/facts/routes.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { EarlyIntent, Intent } from '../../src/guard/intent.ts'
import { wantedChain } from '../../src/guard/mangle-chain.ts'
import { tableText } from '../../src/guard/nft-table.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { parseTable } from '../../src/nft/printed-table.ts'
import { planHost } from '../../src/plan/plan.ts'
import { toProtect } from '../../src/stages/goal.ts'
import { answerOf } from '../facts/answer-of.ts'
import { hostState, intent } from '../plan/host-state.ts'
import { factsWith, host } from '../preflight/subject.ts'

const olderSet = 'cali40all-ipam-pools'
const newerSet = 'cali40network-ip-pools'

/** A host without a guard, with these pools of Calico. */
function hostWith(set: string, ...pools: readonly string[]): HostState {
  const members = pools.map((pool) => `add ${set} ${pool}`)
  return hostState([], [`create ${set} hash:net family inet`, ...members].join('\n'))
}

/** The same host with the guard that an intent wants. */
function guarded(state: HostState, wanted: EarlyIntent): HostState {
  if (wanted.kind === 'nft') {
    return { ...state, table: parseTable(`table inet fw_run {\n${tableText(wanted)}\n}`) }
  }
  const members = wanted.members.map((member) => `add ${wanted.set} ${member}`)
  const set = parseSets([`create ${wanted.set} hash:ip family inet`, ...members].join('\n'))
  const { rules = [], jumps = [] } = wantedChain(wanted, 4) ?? {}
  const mangle = parseRuleset(
    [
      '*mangle\n:PREROUTING ACCEPT [0:0]\n:FW-RUN - [0:0]',
      ...[...jumps.map(({ rule }) => rule), ...rules].map(({ raw }) => raw),
      'COMMIT',
    ].join('\n'),
  )
  return { ...state, sets: new Map([...state.sets, ...set]), mangle: { 4: mangle } }
}

/** What fw-run wants of a host with these routes, where fw_pod_cidrs is not set. */
function wantedOn(
  state: HostState,
  routes: readonly string[],
  guard: EarlyIntent['kind'] = 'nft',
): EarlyIntent {
  const wanted = intentOn(state, routes, guard)
  if (wanted.kind !== 'nft' && wanted.kind !== 'mangle') throw new Error(wanted.kind)
  return wanted
}

/** `named`: fw_pod_cidrs of this host and of the other one. `others`: what the other hosts of the run told. */
function intentOn(
  state: HostState,
  routes: readonly string[],
  guard: Exclude<Intent['kind'], 'remove'>,
  named: readonly (readonly string[])[] = [],
  others: readonly HostFacts[] = [],
): Intent {
  const nodes = ['192.0.2.11', '192.0.2.12'].map((address, at) => ({
    ...{ ...host, name: `node${at}` },
    settings: { ...host.settings, guard, addresses: [address], podCidrs: named[at] ?? [] },
  }))
  const [own = host] = nodes
  const inventory = { nodes } as unknown as Parameters<typeof toProtect>[0]
  const network = {
    ...intent.network,
    routes: readRoutes(answerOf({ routes: [...subnet, ...routes].join('\n') })),
  }
  const opened = { host: own, findings: [], link: undefined, facts: undefined }
  const read = others.map((facts) => ({ ...opened, facts }))
  return toProtect(inventory, () => ['ens18'], read).intentOf(opened, state, network)
}

const subnet = [
  'default via 192.0.2.1 dev ens18',
  '192.0.2.0/24 dev ens18 proto kernel scope link src 192.0.2.11',
]

/** Routes of Calico to blocks of another host: through a tunnel, or as BIRD learns them without one. */
const ways = {
  'through a tunnel': (block: string) => `${block} via 192.0.2.12 dev vxlan.calico onlink proto 80`,
  'without a tunnel': (block: string) => `${block} via 192.0.2.12 dev ens18 proto bird`,
}

describe.each(Object.entries(ways))('pools of Calico whose pods come %s', (_, to) => {
  const always = to('10.42.3.0/26')
  const byDay = to('10.50.7.0/26')

  it.each(['nft', 'mangle'] as const)(
    'stay closed, and sources as before, while no pod is in them (%s)',
    (guard) => {
      const state = hostWith(olderSet, '10.42.0.0/16', '10.50.0.0/16')
      const day = wantedOn(state, [always, byDay], guard)
      const standing = guarded(state, day)
      expect(planHost(standing, day)).toMatchObject({ kind: 'planned', changes: [] })
      const night = wantedOn(standing, [always], guard)
      expect(night.podCidrs).toEqual(['10.42.0.0/16', '10.50.0.0/16'])
      expect(planHost(standing, night)).toMatchObject({ kind: 'planned', changes: [] })
    },
  )

  it('are closed by the network around them: a second run finds nothing to change', () => {
    const state = hostWith(olderSet, '10.42.0.0/16', '10.42.5.0/24')
    const first = wantedOn(state, [always], 'mangle')
    const standing = guarded(state, first)
    const second = wantedOn(standing, [always], 'mangle')
    expect(planHost(standing, second)).toMatchObject({ kind: 'planned', changes: [] })
  })

  it('are open again when Calico has them no longer', () => {
    const state = hostWith(olderSet, '10.42.0.0/16', '10.50.0.0/16')
    const standing = guarded(state, wantedOn(state, [always, byDay]))
    const { sets } = hostWith(olderSet, '10.42.0.0/16')
    expect(wantedOn({ ...standing, sets }, [always]).podCidrs).toEqual(['10.42.0.0/16'])
  })

  it('are closed before their first pod where Calico says that they are for pods, but are no sources yet', () => {
    const state = hostWith(newerSet, '10.42.0.0/16', '10.50.0.0/16')
    const first = wantedOn(state, [always])
    expect(first.podCidrs).toEqual(['10.42.0.0/16', '10.50.0.0/16'])
    expect(first.barePods).not.toContain('10.50.0.0/16')
    // A second run finds its own guard, and changes nothing.
    const standing = guarded(state, first)
    expect(planHost(standing, wantedOn(standing, [always]))).toMatchObject({ changes: [] })
    const withPods = wantedOn(standing, [always, byDay])
    expect(withPods.barePods.includes('10.50.0.0/16')).toBe(byDay.includes('ens18'))
  })
})

describe('pools of Calico in which the host has no route, with the guard forward', () => {
  const toPods = ['10.42.1.5 dev cali1 scope link', ways['through a tunnel']('10.42.3.0/26')]
  const accepted = '-A FORWARD -s 10.50.0.0/16 -j ACCEPT'
  const stateWith = (...pools: readonly string[]) => ({
    ...hostState([accepted, '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT']),
    sets: hostWith(newerSet, ...pools).sets,
  })

  it('are not trusted: a rule that accepts the network of a disabled one before the rule of fw-run is a conflict', () => {
    const state = stateWith('10.42.0.0/16', '10.50.0.0/16')
    expect(planHost(state, intentOn(state, toPods, 'forward'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(`That rule: ${accepted}`),
    })
  })

  it('do not count where fw_pod_cidrs leaves out a part of a pool with pods: nodes may be there', () => {
    const state = stateWith('192.0.0.0/16')
    const routes = [...toPods, '192.0.9.10 dev cali1 scope link']
    const sets = `create ${newerSet} hash:net family inet\nadd ${newerSet} 192.0.0.0/16`
    const facts = factsWith({ routes: [...subnet, ...routes].join('\n'), sets })
    const given = ['192.0.8.0/21', '192.0.128.0/17']
    expect(intentOn(state, routes, 'forward', [given], [facts])).toMatchObject({ podCidrs: given })
  })

  it('count where fw_pod_cidrs names another pool, because pods of this one would be cut off', () => {
    const state = stateWith('10.42.0.0/16', '10.50.0.0/16')
    const routes = [...toPods, '10.50.1.5 dev cali50 scope link']
    const sets = `create ${newerSet} hash:net family inet\nadd ${newerSet} 10.42.0.0/16\nadd ${newerSet} 10.50.0.0/16`
    const facts = factsWith({ routes: [...subnet, ...routes].join('\n'), sets })
    expect(intentOn(state, routes, 'forward', [['10.42.0.0/16']], [facts])).toMatchObject({
      podCidrs: ['10.42.0.0/16', '10.50.0.0/16'],
    })
  })

  it('count where a host knows no other pod network', () => {
    const wanted = intentOn(stateWith('10.42.0.0/16'), [], 'forward')
    expect(wanted).toMatchObject({ podCidrs: ['10.42.0.0/16'] })
  })
})

describe('fw_pod_cidrs that names only the pods of each host', () => {
  const bare = ways['without a tunnel']('10.42.2.0/24')
  const local = '10.42.1.5 dev cali1 scope link'

  it.each([
    ['by a route to them', [bare]],
    ['by routers of the cloud', [local]],
  ])(
    'closes those of all hosts, and allows pods of all hosts that come in without a tunnel (%s)',
    (_, routes) => {
      for (const guard of ['nft', 'mangle'] as const)
        expect(
          intentOn(hostState([]), routes, guard, [['10.42.1.0/24'], ['10.42.2.0/24']]),
        ).toMatchObject({
          podCidrs: ['10.42.1.0/24'],
          otherPods: ['10.42.2.0/24'],
          barePods: expect.arrayContaining(['10.42.2.0/24']),
        })
    },
  )

  it('lets the guard forward know the pods of all hosts, by IPv4', () => {
    const named = [['10.42.1.0/24'], ['10.42.2.0/24', 'fd42::/56']]
    expect(intentOn(hostState([]), [bare], 'forward', named)).toMatchObject({
      podCidrs: ['10.42.1.0/24', '10.42.2.0/24'],
    })
    const [, own] = named
    expect(intentOn(hostState([]), [bare], 'forward', [[], own ?? []])).toMatchObject({
      podCidrs: [],
    })
  })

  it.each(['nft', 'mangle', 'forward'] as const)(
    'leaves a network of nodes that another host names to the check of that host (%s)',
    (guard) => {
      const tunnelled = ways['through a tunnel']('10.42.2.0/24')
      const named = [['10.42.1.0/24'], ['10.42.2.0/24', '192.0.0.0/16']]
      const wanted = intentOn(hostState([]), [local, tunnelled], guard, named)
      expect(wanted).toMatchObject(
        guard === 'forward'
          ? { podCidrs: ['10.42.1.0/24', '10.42.2.0/24'] }
          : { otherPods: ['10.42.2.0/24'] },
      )
    },
  )

  it('allows no pods of other hosts where a tunnel leads to them', () => {
    const tunnelled = ways['through a tunnel']('10.42.2.0/24')
    const named = [['10.42.1.0/24'], ['10.42.2.0/24']]
    expect(intentOn(hostState([]), [local, tunnelled], 'nft', named)).toMatchObject({
      otherPods: ['10.42.2.0/24'],
      barePods: [],
    })
  })

  it('allows no address twice where another host names a network around', () => {
    const named = [['10.42.2.0/24'], ['10.42.0.0/16']]
    const wanted = intentOn(hostState([]), [bare], 'nft', named)
    expect(wanted).toMatchObject({ podCidrs: ['10.42.2.0/24'], barePods: ['10.42.0.0/16'] })
  })

  it('proves for all hosts that a pool of Calico is for pods', () => {
    const state = hostWith(newerSet, '10.42.0.0/16', '10.50.0.0/16')
    const routes = [ways['without a tunnel']('10.42.3.0/26')]
    expect(intentOn(state, routes, 'nft', [[], ['10.50.0.0/16']])).toMatchObject({
      barePods: ['10.42.0.0/16', '10.50.0.0/16'],
    })
    expect(intentOn(state, routes, 'nft')).toMatchObject({ barePods: ['10.42.0.0/16'] })
  })
})

describe('pools of Calico to whose pods on other hosts only routers have routes', () => {
  const own = ['10.42.1.5 dev cali1 scope link', 'blackhole 10.42.1.0/26 proto 80']
  const other = (set: string, ...routes: readonly string[]) => {
    const pools = ['10.42.0.0/16', '10.50.0.0/16'].map((pool) => `add ${set} ${pool}`)
    const sets = [`create ${set} hash:net family inet`, ...pools].join('\n')
    return factsWith({ routes: [...subnet, ...routes].join('\n'), sets })
  }

  it.each([
    ['a pod', olderSet, '10.50.1.5 dev cali1 scope link'],
    ['a block', olderSet, 'blackhole 10.50.1.0/26 proto bird'],
    ['a pod', newerSet, '10.50.1.5 dev cali1 scope link'],
  ])('are closed, and sources, where a host has %s there (%s)', (_, set, route) => {
    const state = hostWith(set, '10.42.0.0/16', '10.50.0.0/16')
    const wanted = intentOn(state, own, 'nft', [], [other(set), other(set, route)])
    expect(wanted).toMatchObject({
      podCidrs: ['10.42.0.0/16', '10.50.0.0/16'],
      barePods: ['10.42.0.0/16', '10.50.0.0/16'],
    })
    if (wanted.kind !== 'nft') throw new Error(wanted.kind)
    expect(intentOn(state, own, 'forward', [], [other(set), other(set, route)])).toMatchObject({
      podCidrs: ['10.42.0.0/16', '10.50.0.0/16'],
    })
    // A run on this host alone finds its own guard, and changes nothing.
    const standing = guarded(state, wanted)
    expect(planHost(standing, wantedOn(standing, own))).toMatchObject({ changes: [] })
  })

  it.each([
    [
      'a route to others there, also if BIRD made it',
      '10.50.0.0/24 via 192.0.2.1 dev ens18 proto bird',
    ],
    ['a blackhole of others there', 'blackhole 10.50.0.0/16'],
    ['a pod elsewhere', '10.60.1.5 dev cali1 scope link'],
  ])(
    'are no sources where a host has only %s: a disabled pool may name a network of others',
    (_, route) => {
      const state = hostWith(newerSet, '10.42.0.0/16', '10.50.0.0/16')
      expect(intentOn(state, own, 'nft', [], [other(newerSet, route)])).toMatchObject({
        barePods: ['10.42.0.0/16'],
      })
    },
  )

  it('do not count where Calico of this host has them not', () => {
    const state = hostWith(newerSet, '10.42.0.0/16')
    const facts = other(newerSet, '10.50.1.5 dev cali1 scope link')
    expect(intentOn(state, own, 'nft', [], [facts])).toMatchObject({ podCidrs: ['10.42.0.0/16'] })
  })
})
