import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Agent } from '../../src/agent/agent.ts'
import type { OpenedHost } from '../../src/cluster/open-hosts.ts'
import type { RunEvent } from '../../src/events.ts'
import type { HostFacts } from '../../src/facts/host-facts.ts'
import type { InventoryHost } from '../../src/inventory/inventory.ts'
import { beginRun } from '../../src/runs/run.ts'
import { examineHosts } from '../../src/stages/examine.ts'
import { type Goal, toProtect, toRemove } from '../../src/stages/goal.ts'
import { openerToNobody } from '../cluster/opener-to-nobody.ts'
import { forward, hostState, intent } from '../plan/host-state.ts'
import { factsWith, host, soundAnswer } from '../preflight/subject.ts'

/** The nodes of the inventory, and what every host told. */
interface World {
  readonly nodes?: readonly InventoryHost[]
  readonly facts?: HostFacts
  readonly link?: OpenedHost['link']
}

/** Examines opened hosts of these names, of which nothing is wrong. `told` hears of each host as it is done. */
function examine(
  names: readonly string[],
  goal: Goal = toRemove,
  told: (host: string) => void = () => {},
  signal = new AbortController().signal,
  { nodes = [], facts = factsWith(), link }: World = {},
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
    link,
    facts,
  }))
  const inventory = {
    ...{
      file: 'hosts.yaml',
      origin: 'hosts.yaml',
      hosts: [],
      nodes,
      hostsToProtect: [],
      group: 'all',
    },
    ...{ groups: new Map(), warnings: [], files: new Map() },
  }
  const opener = openerToNobody(false)
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
    expect(failed).toEqual([['fw-run could not process the facts of this host: boom'], []])
  })

  it('asks a host for all its rules, once, where those that it left out may matter', async () => {
    const rules = `*filter\n:FORWARD DROP [0:0]\n:cali-FORWARD - [0:0]\n${forward().join('\n')}\nCOMMIT`
    const told = (address: string) => `${rules}\n# ClusterIPs ${address}\n`
    const goal: Goal = { kind: 'protect', intentOf: () => ({ ...intent, published: 'allow' }) }
    const planOf = async (address: string, whole: string) => {
      const asked: unknown[] = []
      const answer = (rules: string) => ({
        kind: 'facts' as const,
        sections: soundAnswer({ rules }),
      })
      const facts = async (...words: unknown[]) => {
        asked.push(words)
        return answer(whole)
      }
      const link = { agent: { facts } as unknown as Agent, close: async () => {} }
      const { examined } = await examine(['node1'], goal, undefined, undefined, {
        facts: factsWith({ rules: told(address) }),
        link,
      })
      return [examined[0]?.examined?.plan.kind, asked]
    }
    const all = [['cluster_nodes', true]]
    expect(await planOf('10.97.0.1', rules)).toEqual(['planned', []])
    expect(await planOf('10.42.1.10', rules)).toEqual(['planned', all])
    // A host that does not do so is refused.
    expect(await planOf('10.42.1.10', told('10.42.1.10'))).toEqual(['refused', all])
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

describe('toProtect', () => {
  it('asks from where a host speaks to the others by IPv4, also if they name an IPv6 address first', async () => {
    const addresses = ['fd00::12', '192.0.2.12']
    const nodes = [{ ...host, name: 'node2', settings: { ...host.settings, addresses } }]
    const facts = factsWith({ routes: '192.0.2.0/24 dev ens18 src 192.0.2.50' })
    const goal: Goal = { kind: 'protect', intentOf: (_, __, network) => ({ ...intent, network }) }
    const { examined } = await examine(['node1'], goal, undefined, undefined, { nodes, facts })
    const found = examined[0]?.findings.find(({ id }) => id === 'source-addresses')
    expect(found?.result).toMatchObject({ reason: expect.stringContaining('192.0.2.50') })
  })

  it.each([
    [['fd00:64::/64', '10.9.0.0/16'], ['10.9.0.0/16']],
    // Without one of IPv4 they are found on the host, here in a rule of flannel.
    [['fd00:64::/64'], ['10.42.0.0/16']],
    [[], ['10.42.0.0/16']],
  ])('takes networks of pods for rules of IPv4 from %j: %j', (podCidrs, wanted) => {
    const other = { ...host, settings: { ...host.settings, podCidrs } }
    const inventory = {
      ...{
        file: 'hosts.yaml',
        origin: 'hosts.yaml',
        hosts: [other],
        nodes: [other],
        hostsToProtect: [other],
      },
      ...{ group: 'all', groups: new Map(), warnings: [], files: new Map() },
    }
    const opened = { host: other, findings: [], link: undefined, facts: factsWith() }
    const goal = toProtect(inventory, () => ['ens18'], [])
    expect(goal.intentOf(opened, hostState(forward()), intent.network)).toMatchObject({
      podCidrs: wanted,
    })
  })
})

describe('toProtect for a guard before routing', () => {
  const nodeOf = (name: string, address: string): InventoryHost => ({
    ...{ ...host, name },
    settings: { ...host.settings, guard: 'nft', addresses: [address], podCidrs: ['10.42.0.0/16'] },
  })
  const checked = async (id: string, routes: string, ...nodes: readonly InventoryHost[]) => {
    const [own = host] = nodes
    const inventory = { nodes } as unknown as Parameters<typeof toProtect>[0]
    const { intentOf } = toProtect(inventory, () => ['ens18'], [])
    const goal: Goal = {
      kind: 'protect',
      intentOf: (opened, ...read) => intentOf({ ...opened, host: own }, ...read),
    }
    const facts = factsWith({ routes })
    const { examined } = await examine([own.name], goal, undefined, undefined, { nodes, facts })
    const { intent: wanted } = examined[0]?.examined ?? {}
    const result = examined[0]?.findings.find((one) => one.id === id)?.result
    return [wanted && 'barePods' in wanted && wanted.barePods, result?.kind]
  }
  const byDefault = 'default via 192.0.2.1 dev ens18'

  it('admits pods of other hosts by the default route only where the inventory has other nodes', async () => {
    const routes = `10.42.0.0/24 dev cni0 scope link\n${byDefault}`
    const [one, other] = [nodeOf('node1', '192.0.2.11'), nodeOf('node2', '192.0.2.12')]
    expect(await checked('pod-sources', routes, one)).toEqual([[], 'pass'])
    expect(await checked('pod-sources', routes, one, other)).toEqual([['10.42.0.0/16'], 'warn'])
  })

  it('warns that it does not know how pods come in, also where nodes have only IPv6 addresses', async () => {
    const [one, other] = [nodeOf('node1', 'fd00::11'), nodeOf('node2', 'fd00::12')]
    expect(await checked('stopped-sources', byDefault, one, other)).toEqual([[], 'warn'])
    expect(await checked('stopped-sources', byDefault, one)).toEqual([[], 'pass'])
  })
})

describe('examineHosts for the guard forward', () => {
  const remedyWith = async (texts: Parameters<typeof factsWith>[0]): Promise<string> => {
    const facts = factsWith({ 'iptables-version': 'iptables v1.8.9 (nf_tables)', ...texts })
    const settings = { ...host.settings, podCidrs: ['10.42.0.0/16'] }
    const nodes = [{ ...host, settings }]
    const inventory = { nodes } as unknown as Parameters<typeof toProtect>[0]
    const { examined } = await examine(
      ['node1'],
      toProtect(inventory, () => ['ens18'], []),
      undefined,
      undefined,
      { nodes, facts },
    )
    const failed = examined[0]?.findings.find(({ result }) => result.kind === 'fail')
    return failed?.result.kind === 'fail' ? failed.result.remedy : ''
  }

  it('names the first guard that a dry run of its checks shows to work, or none', async () => {
    const network = { flannel: 'FLANNEL_NETWORK=10.42.0.0/16' }
    expect(await remedyWith(network)).toContain('fw_guard: nft')
    const without = { ...network, 'nft-support': { text: 'nft is not installed', code: 1 } }
    expect(await remedyWith(without)).toContain('fw_guard: mangle')
    expect(await remedyWith({ ...without, 'mangle-support': 'it cannot' })).not.toContain(
      'fw_guard',
    )
  })
})
