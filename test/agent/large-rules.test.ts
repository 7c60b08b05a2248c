import { describe, expect } from 'vitest'
import type { GuardKind } from '../../src/agent/agent.ts'
import type { HostFacts } from '../../src/facts/host-facts.ts'
import { podNetworks } from '../../src/facts/pod-networks.ts'
import type { Route } from '../../src/facts/routes.ts'
import { readState } from '../../src/facts/state.ts'
import { findGuards } from '../../src/guard/forward-rule.ts'
import { maxServices } from '../../src/limits.ts'
import { clusterIpsOf, externalAddresses } from '../../src/placement/service-addresses.ts'
import { otherUsers } from '../../src/plan/references.ts'
import { factsOf } from '../facts/facts-of.ts'
import { intent } from '../plan/host-state.ts'
import { changesFor, stateOf, talkTo } from './conversation.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

const services = Array.from({ length: 300 }, (_, i) => i)

/** A node of a large cluster, with every way by which nat leads to a service. */
const rules = `*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-MARK-MASQ - [0:0]
:DOCKER - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:CNI-DN-1 - [0:0]
:KUBE-EXT-7 - [0:0]
:KUBE-FW-8 - [0:0]
:KUBE-SVC-EMPTY - [0:0]
${services.map((i) => `:KUBE-SVC-${i} - [0:0]\n:KUBE-SEP-${i} - [0:0]`).join('\n')}
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A PREROUTING -d 192.0.2.80/32 -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"k8s\\"x" -m tcp --dport 80 -j CNI-DN-1
-A CNI-DN-1 -d 192.0.2.81/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.42.1.4:80
${services
  .map((i) =>
    [
      `-A KUBE-SERVICES ! -s 10.42.0.0/16 -d 10.43.1.${i % 250}/32 -p tcp -m comment --comment "ns/s-${i}:http cluster IP" -m tcp --dport ${i} -j KUBE-MARK-MASQ`,
      `-A KUBE-SERVICES -d 10.43.1.${i % 250}/32 -p tcp -m comment --comment "ns/s-${i}:http cluster IP" -m tcp --dport ${i} -j KUBE-SVC-${i}`,
      `-A KUBE-SVC-${i} -m comment --comment "ns/s-${i}:http" -j KUBE-SEP-${i}`,
      `-A KUBE-SEP-${i} -s 10.42.1.4/32 -m comment --comment "ns/s-${i}:http" -j KUBE-MARK-MASQ`,
      `-A KUBE-SEP-${i} -p tcp -m comment --comment "ns/s-${i}:http" -m tcp -j DNAT --to-destination 10.42.1.4:80`,
    ].join('\n'),
  )
  .join('\n')}
-A KUBE-SERVICES -d 198.51.100.7/32 -p tcp -m comment --comment "ns/s-7:http loadbalancer IP" -m tcp --dport 80 -j KUBE-EXT-7
-A KUBE-SERVICES -d 198.51.100.8/32 -p tcp -m comment --comment "ns/s-8:http loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-8
-A KUBE-SERVICES -d 198.51.100.9/32 -p tcp -m comment --comment "ns/s-9:http external IP" -m tcp --dport 80 -m addrtype --dst-type LOCAL -j KUBE-SVC-9
-A KUBE-SERVICES -d 198.51.100.10/32 -p tcp -m comment --comment "ns/empty:http external IP" -m tcp --dport 80 -j KUBE-SVC-EMPTY
-A KUBE-SERVICES -d 10.43.9.9/32 -j KUBE-SVC-10
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-EXT-7
-A KUBE-EXT-7 -j KUBE-SVC-7
-A KUBE-FW-8 -j KUBE-SVC-8
COMMIT
*filter
:FORWARD DROP [0:0]
:KUBE-SERVICES - [0:0]
:policies - [0:0]
:FLANNEL-FWD - [0:0]
-A FORWARD -i ens18 -m set ! --match-set cluster_nodes src -j REJECT
-A FORWARD -s 10.44.0.0/16 -j ACCEPT
-A FORWARD -d 10.44.0.0/16 -j ACCEPT
-A FORWARD -j FLANNEL-FWD
-A FLANNEL-FWD -s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -d 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A policies -m set --match-set cluster_nodes dst -j RETURN
${services.map((i) => `-A KUBE-SERVICES -d 10.43.2.${i % 250}/32 -p tcp -m comment --comment "ns/idle-${i}:http has no endpoints" -m tcp --dport ${i} -j REJECT`).join('\n')}
COMMIT
`

/** Sets of others of many members, and those in which Calico keeps its networks and nodes. */
const sets = `create others hash:net
${Array.from({ length: 3000 }, (_, i) => `add others 10.9.${i >> 8}.${i & 255}`).join('\n')}
create cluster_nodes hash:ip
create cali40all-ipam-pools hash:net
add cali40all-ipam-pools 10.45.0.0/16
create cali40all-hosts-net hash:net
add cali40all-hosts-net 192.0.2.11
create cali40all-vxlan-net hash:net
add cali40all-vxlan-net 192.0.2.12
create cali60all-hosts-net hash:net family inet6
add cali60all-hosts-net fd00::11
`

const toPod: Route = {
  ...{ kind: 'unicast', cidr: '10.45.1.10/32', device: 'cali1' },
  ...{ via: undefined, source: undefined },
}

/** What the guard nft needs to know of a host's rules and sets. */
function neededOf(facts: HostFacts) {
  const state = stateOf(facts.state)
  const internal = new Set(state.leftOut)
  return {
    clusterIps: [...new Set([...clusterIpsOf(state.ruleset), ...internal])].sort(),
    external: externalAddresses(state.ruleset).filter((address) => !internal.has(address)),
    guards: findGuards(state.ruleset, 'cluster_nodes').map(({ position }) => position),
    users: otherUsers(state, 'cluster_nodes'),
    pods: podNetworks(state, undefined, [toPod]),
    nodes: ['40all-hosts', '40all-vxlan', '60all-hosts'].flatMap(
      (of) => state.sets.get(`cali${of}-net`)?.members ?? [],
    ),
  }
}

function rulesIn({ state }: HostFacts): number {
  return [...stateOf(state).ruleset.tables.values()]
    .flatMap((chains) => [...chains.values()])
    .reduce((sum, { lines }) => sum + lines.length, 0)
}

function fill(host: Host): void {
  host.run('ipset -exist restore', sets)
  host.run('iptables-restore', rules)
}

/** Why a host whose iptables-save is this script cannot be read, with guard nft, and how often it was asked for rules. */
async function failsBy(
  host: Host,
  script: string,
  edit = (program: string): string => program,
): Promise<readonly [string, number]> {
  host.run(
    'cat >/run/save; chmod +x /run/save; ln -sf /run/save /usr/local/sbin/iptables-save; : >/run/asked',
    `#!/bin/sh\n[ "$1" = -V ] || echo asked >>/run/asked\n${script}\n`,
  )
  const { facts, leave } = await talkTo(host, 'run-1', 'test', 30, edit, 'nft')
  const { state } = await facts()
  await leave()
  const asked = host.run('cat /run/asked').split('\n').length - 1
  return [state.kind === 'unreadable' ? state.reason : state.kind, asked]
}

/** An awk whose close() is 0 whatever happened, as that of the one-true-awk. */
const forgetfulAwk = `#!/bin/sh
for word; do
  shift
  case $word in *'close(save)'*) word="\${word%%'close(save)'*}0 * close(save)\${word#*'close(save)'}" ;; esac
  set -- "$@" "$word"
done
exec /usr/bin/mawk "$@"
`

/** A tool that is killed when it has told a part of it. */
const halfDone = `#!/bin/sh
printf '*filter\\n:FORWARD ACCEPT [0:0]\\n'
kill -9 $$
`

/** The agent reads only the filter table, as after a change on a large host, and with less patience. */
const later = (program: string): string =>
  program
    .replace('\nonly=\nwhole=', '\nwhole=')
    .replace('\nlarge=\n', '\nlarge=yes\n')
    .replace('\nlimit=20\n', '\nlimit=2\n')

/** The facts of a host with such rules and one more, as they come first and as a whole. */
async function readTwice(
  host: Host,
  more = ':',
  guard: GuardKind = 'nft',
): Promise<readonly [HostFacts, HostFacts]> {
  fill(host)
  host.run(more)
  const { agent, leave } = await talkTo(host, 'run-1', 'test', 30, (program) => program, guard)
  const read = async (whole: boolean): Promise<HostFacts> => {
    const answer = await agent.facts('cluster_nodes', whole)
    if (answer.kind === 'lost') throw new Error(answer.reason)
    return factsOf(answer.sections)
  }
  const both = [await read(false), await read(true)] as const
  await leave()
  return both
}

describe.each(Object.entries(shells))('a large host with guard nft under %s', (name, command) => {
  const it = itOnHost(command)

  it('tells the same of services, pods and sets as its whole rules, in few of them', async ({
    host,
  }) => {
    if (name === 'busybox sh') host.run('ln -s /usr/bin/busybox /usr/local/sbin/awk')
    const [few, whole] = await readTwice(host)
    const needed = neededOf(few)
    expect(needed).toEqual(neededOf(whole))
    expect(needed.clusterIps).toHaveLength(251)
    expect(needed.external).toEqual([
      ...['198.51.100.7', '198.51.100.8', '198.51.100.9', '192.0.2.81', '192.0.2.80'],
    ])
    expect(needed.guards).toEqual([1])
    expect(needed.pods).toEqual(['10.45.0.0/16', '10.44.0.0/16', '10.42.0.0/16'])
    expect(needed.nodes).toEqual(['192.0.2.11', '192.0.2.12', 'fd00::11'])
    expect(stateOf(few.state).sets.get('others')?.members).toEqual([])
    expect(needed.users).toHaveLength(1)
    expect(rulesIn(few)).toBeLessThan(50)
    expect(rulesIn(whole)).toBeGreaterThan(1500)
  })

  it('leaves out nothing where a line break in a comment may hide rules', async ({ host }) => {
    const comment = '"\n[0:0] -A KUBE-SEP-1 -j RETURN'
    const [few, whole] = await readTwice(
      host,
      `iptables -t nat -A DOCKER -m comment --comment '${comment}' -j RETURN
      ln -s /bin/false /usr/local/sbin/gzip`,
    )
    expect(rulesIn(few)).toBe(rulesIn(whole))
    expect(neededOf(few)).toEqual(neededOf(whole))
  })

  const prints = '/usr/sbin/iptables-legacy-save "$@"'

  it('never takes rules for none where iptables-save fails and awk does not tell', async ({
    host,
  }) => {
    fill(host)
    host.run('cat >/usr/local/sbin/awk; chmod +x /usr/local/sbin/awk', forgetfulAwk)
    for (const [script, code] of [
      ['exit 127', 127],
      [`${prints} | sed /COMMIT/q; exit 1`, 1],
      [`${prints} | sed '/ -A /q'; exit 1`, 1],
      ['kill $$', 143],
    ] as const) {
      const [reason] = await failsBy(host, script)
      expect(reason).toContain(`iptables-save failed (exit code ${code}): `)
    }
    expect(await failsBy(host, prints)).toEqual(['read', 1])
  })

  it('takes no rules from an awk, or from what hands them on, that was ended half way', async ({
    host,
  }) => {
    const whole = await readTwice(host)
    for (const tool of ['awk', 'cat']) {
      host.run(`cat >/usr/local/sbin/${tool}; chmod +x /usr/local/sbin/${tool}`, halfDone)
      const [few] = await readTwice(host)
      host.run(`rm /usr/local/sbin/${tool}`)
      expect(rulesIn(few)).toBeOneOf([rulesIn(whole[0]), rulesIn(whole[1])])
      expect(neededOf(few)).toEqual(neededOf(whole[1]))
    }
  })

  it('sees what others change after it was read, with or without a set of our name', async ({
    host,
  }) => {
    fill(host)
    for (const [set, change, answer] of [
      ['cluster_nodes', 'ipset add cluster_nodes 192.0.2.99', 'stale'],
      [
        'cluster_nodes',
        'iptables -I FORWARD -m set --match-set cluster_nodes src -j DROP',
        'stale',
      ],
      ['our_nodes', 'ipset create our_nodes hash:ip', 'stale'],
      ['nodes_of_ours', ':', 'applied'],
      ['nodes_of_ours', 'ipset create more hash:net', 'applied'],
      // Where no set is ours no rule names it, so none is read again.
      ['nodes_of_ours', 'ln -sf /bin/false /usr/local/sbin/iptables-save', 'applied'],
    ] as const) {
      const { agent, leave } = await talkTo(host, 'run-1', 'test', 30, (program) => program, 'nft')
      const facts = await agent.facts(set)
      if (facts.kind === 'lost') throw new Error(facts.reason)
      host.run(change)
      const applied = await agent.apply({
        ...{ set, owner: { run: 'run-1', who: 'test' }, lease: 30 },
        fingerprint: facts.sections.get('fingerprint')?.text.trim() ?? '',
        changes: [{ kind: 'table', after: 'chain outsider {\n}' }],
        undo: [{ kind: 'table', after: undefined }],
      })
      await leave()
      expect([change, applied.kind]).toEqual([change, answer])
      if (applied.kind !== 'applied') continue
      const state = stateOf(readState(applied.state))
      const names = host.run('ipset -n list').trim().split('\n')
      expect([...state.sets.keys()].sort()).toEqual(names.sort())
      expect(state.ruleset.tables.size).toBe(0)
    }
  })

  it('asks iptables-save once where it fails or hangs, and tells what it said', async ({
    host,
  }) => {
    if (name === 'busybox sh') host.run('ln -s /usr/bin/busybox /usr/local/sbin/awk')
    fill(host)
    const failed = (code: number, said: string) => [
      `iptables-save failed (exit code ${code}): ${said}`,
      1,
    ]
    const says = 'echo no memory >&2; echo at all >&2'
    expect(await failsBy(host, `${says}; exit 4`)).toEqual(failed(4, 'no memory at all'))
    expect(await failsBy(host, 'exit 127')).toEqual(failed(127, ''))
    expect(await failsBy(host, `${says}; exec sleep 308.5`, later)).toEqual(
      failed(143, 'no memory at all'),
    )
    expect(await failsBy(host, 'exec sleep 308.5', later)).toEqual(failed(143, ''))
  })
})

/** The rules of each chain, by table and chain. */
function chainsIn({ state }: HostFacts): ReadonlyMap<string, readonly string[]> {
  const tables = [...stateOf(state).ruleset.tables]
  return new Map(
    tables.flatMap(([table, chains]) =>
      [...chains.values()].map(({ name, lines }) => [`${table} ${name}`, lines] as const),
    ),
  )
}

describe.each(Object.entries(shells))(
  'a large host with guard forward under %s',
  (name, command) => {
    const it = itOnHost(command)

    it('leaves out rules of ClusterIPs alone, and all of each that it leaves out', async ({
      host,
    }) => {
      if (name === 'busybox sh') host.run('ln -s /usr/bin/busybox /usr/local/sbin/awk')
      const [few, whole] = await readTwice(
        host,
        `iptables -t nat -I KUBE-SVC-200 -m set --match-set cluster_nodes src -j RETURN
      iptables -t nat -A KUBE-SERVICES -d 10.43.1.210 -j KUBE-SVC-210
      iptables -t nat -A DOCKER -j KUBE-SVC-220
      iptables -A KUBE-SERVICES -d 10.43.2.240 -j REJECT`,
        'forward',
      )
      expect(stateOf(whole.state).leftOut).toEqual([])
      const { leftOut = [] } = stateOf(few.state)
      const [some, all] = [chainsIn(few), chainsIn(whole)]
      const left = new Set(leftOut)
      for (const [chain, lines] of all) {
        const single = /^nat KUBE-(?:SVC|SEP)-(\d+)$/.exec(chain)
        const address = single && `10.43.1.${Number(single[1]) % 250}`
        const needed = /^nat KUBE-(SVC|SEP)-(200|210|220|10|7|8|9)$/.test(chain)
        if (address && left.has(address) && !needed)
          expect([chain, some.get(chain)]).toEqual([chain, undefined])
        else if (!chain.endsWith(' KUBE-SERVICES'))
          expect([chain, some.get(chain)]).toEqual([chain, lines])
        else {
          const kept = lines.filter((line) => {
            const [, to = ''] = / -d ([\d.]+)\/32 /.exec(line) ?? []
            return !left.has(to) || !/ (cluster IP|has no endpoints)" /.test(line)
          })
          expect(some.get(chain)).toEqual(kept)
          expect(kept.length).toBeLessThan(lines.length)
        }
      }
      // Addresses of 300 services, of which the first ones are kept whole, in either table.
      expect(leftOut).toHaveLength(2 * (250 - maxServices))
    })

    it('changes FORWARD, and reads it back', async ({ host }) => {
      fill(host)
      host.run('iptables -D FORWARD 1')
      const conversation = await talkTo(host)
      const state = await conversation.state()
      const change = changesFor(state, { ...intent, published: 'allow' })
      expect(await conversation.apply(state, change)).toBe('applied')
      const now = await conversation.look()
      expect(findGuards(now.ruleset, 'cluster_nodes')).toHaveLength(1)
      expect(now.leftOut?.length).toBeGreaterThan(100)
      expect(await conversation.rollback()).toBe('rolled-back')
      expect(findGuards((await conversation.state()).ruleset, 'cluster_nodes')).toHaveLength(0)
      await conversation.leave()
    })
  },
)
