import { readFileSync } from 'node:fs'
import type { HostState } from '../../src/facts/state.ts'
import type { ForwardIntent } from '../../src/guard/intent.ts'
import { parseSets } from '../../src/ipset/sets.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { planHost } from '../../src/plan/plan.ts'
import { intent as usual } from '../plan/host-state.ts'
import { shown, spreadOf, table } from './measuring/statistics.ts'

/** A host of the article. Its pod has the interface that the rules name. */
const route = { kind: 'unicast', via: undefined, source: undefined } as const
const intent = {
  ...usual,
  network: {
    interfaces: usual.network.interfaces,
    routes: [
      { ...route, cidr: '192.0.2.0/24', device: 'ens18' },
      { ...route, cidr: '10.42.1.10/32', device: 'cali0123456789a' },
      { ...route, cidr: '10.42.2.0/24', via: '10.42.2.0', device: 'flannel.1' },
    ],
  },
}

/** The chain of the article with as many further rules in nat and filter as a large cluster has. */
function largeRuleset(rules: number): string {
  const article = readFileSync(new URL('../lab/rulesets/article.rules', import.meta.url), 'utf8')
  const half = Array.from({ length: rules / 2 }, (_, i) => i)
  const address = (i: number): string => `10.43.${i >> 8}.${i & 255}/32`
  const nat = half.map(
    (i) =>
      `-A KUBE-SERVICES -d ${address(i)} -p tcp -m comment --comment "ns/service-${i}:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ`,
  )
  const filter = half.map(
    (i) =>
      `-A KUBE-SERVICES -d ${address(i)} -p tcp -m comment --comment "ns/service-${i}:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable`,
  )
  return article
    .replace(/(\*nat[\s\S]*?)\nCOMMIT/, (_, table: string) => `${table}\n${nat.join('\n')}\nCOMMIT`)
    .replace(
      /(\*filter[\s\S]*?)\nCOMMIT/,
      (_, table: string) => `${table}\n${filter.join('\n')}\nCOMMIT`,
    )
}

/** The chain of the article with many NodePorts of local services, and pods that have a policy each. */
function busyRuleset(services: number, pods: number): string {
  const article = readFileSync(new URL('../lab/rulesets/article.rules', import.meta.url), 'utf8')
  const nat = Array.from({ length: services }, (_, i) => ({
    chains: `:KUBE-EXT-${i} - [0:0]\n:KUBE-SVL-${i} - [0:0]\n:KUBE-SEP-${i} - [0:0]`,
    rules: [
      `-A KUBE-NODEPORTS -p tcp -m tcp --dport ${30000 + i} -j KUBE-EXT-${i}`,
      `-A KUBE-EXT-${i} -j KUBE-SVL-${i}\n-A KUBE-SVL-${i} -j KUBE-SEP-${i}`,
      `-A KUBE-SEP-${i} -p tcp -m tcp -j DNAT --to-destination ${podAddress(i % pods)}:80`,
    ].join('\n'),
  }))
  const filter = Array.from({ length: pods }, (_, i) => ({
    chains: `:cali-tw-cali${i} - [0:0]`,
    rules: [
      `-A cali-to-wl-dispatch -o cali${i} -g cali-tw-cali${i}`,
      `-A cali-tw-cali${i} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-A cali-tw-cali${i} -m set --match-set peers${i} src -j MARK --set-xmark 0x10000/0x10000`,
      `-A cali-tw-cali${i} -m mark ! --mark 0x10000/0x10000 -j DROP`,
    ].join('\n'),
  }))
  const put = (text: string, table: string, more: typeof nat): string =>
    text
      .replace(`*${table}\n`, `*${table}\n${more.map(({ chains }) => chains).join('\n')}\n`)
      .replace(
        new RegExp(`(\\*${table}[^*]*?)\\nCOMMIT`),
        `$1\n${more.map(({ rules }) => rules).join('\n')}\nCOMMIT`,
      )
  return put(put(article, 'nat', nat), 'filter', filter)
}

function podAddress(i: number): string {
  return `10.42.1.${i + 10}`
}

function milliseconds(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function parse(text: string): void {
  for (const table of parseRuleset(text).tables.values()) {
    for (const chain of table.values()) void chain.rules.length
  }
}

function place(text: string, sets: HostState['sets'], wanted: ForwardIntent): void {
  const plan = planHost({ ruleset: parseRuleset(text), sets, fingerprint: '' }, wanted)
  if (plan.kind === 'refused') throw new Error(plan.reason)
}

/** What a large host costs the runner, without a host: a table in milliseconds. */
export function placementLines(): readonly string[] {
  const text = largeRuleset(6000)
  const pods = Array.from({ length: 110 }, (_, i) => i)
  const busy = busyRuleset(1000, pods.length)
  const sets = parseSets(
    pods
      .map((i) => `create peers${i} hash:net family inet\nadd peers${i} ${podAddress(i)}`)
      .join('\n'),
  )
  const own = pods.map((i) => ({ ...route, cidr: `${podAddress(i)}/32`, device: `cali${i}` }))
  const network = { ...intent.network, routes: [...intent.network.routes, ...own] }
  const work: readonly (readonly [string, () => void])[] = [
    ['parse 6,000 rules, every one', () => parse(text)],
    ['parse, then place the rule of fw-run on them', () => place(text, new Map(), intent)],
    [
      '1,000 NodePorts, 110 pods, 110 sets',
      () => place(busy, sets, { ...intent, network, published: 'allow' }),
    ],
  ]
  const taken = work.map(() => [] as number[])
  for (let round = 0; round < 7; round++) {
    for (const [index, [, once]] of work.entries()) taken[index]?.push(milliseconds(once))
  }
  return table(
    ['work', 'ms'],
    work.map(([name], index) => [name, shown(spreadOf(taken[index] ?? []), 1)]),
  )
}
