import { type Lab, startLab } from '../lab/lab.ts'
import type { HostSpec } from '../lab/spec.ts'
import { articleRules, articleSets } from '../lab/spec.ts'
import { ourCommands } from './compared/commands.ts'
import type { Measured } from './measuring/measure.ts'
import { shown, spreadOf, table } from './measuring/statistics.ts'
import { runOnce } from './transactions.ts'

const services = 10_000
const sets = 500
const membersOfSet = 40
const filterRules = 6000
const routes = 1000

/** How large hosts are measured. */
export interface LargeBench {
  readonly hosts: number
  readonly rounds: number
  readonly guard: string
  readonly backend: 'legacy' | 'nft'
}

/** What large hosts take against small ones: a table. */
export async function largeLines(
  { hosts, rounds, guard, backend }: LargeBench,
  tell: (news: string) => void,
): Promise<readonly string[]> {
  const labs: Lab[] = []
  try {
    const small = await startLab({ hosts, each: { backend } })
    labs.push(small)
    tell('large hosts come up')
    const large = await startLab({ hosts, each: { ...largeHost(), backend } })
    labs.push(large)
    for (const [index, { run }] of large.hosts.entries()) {
      const peer = large.hosts[index === 0 ? 1 : 0]?.address
      if (peer === undefined) continue
      const { code, stderr } = await run('ip -batch -', { stdin: moreRoutes(peer) })
      if (code !== 0) throw new Error(stderr)
    }
    const vars = {
      fw_guard: guard,
      fw_pod_cidrs: ['10.42.0.0/16'],
      fw_service_cidrs: ['10.43.0.0/16'],
    }
    const pairs = (await ourCommands(small, hosts, vars)).map((command) => ({
      command,
      small: [] as Measured[],
      large: [] as Measured[],
    }))
    const largeCommands = await ourCommands(large, hosts, vars)
    for (let round = 0; round <= rounds; round++) {
      for (const [index, pair] of pairs.entries()) {
        tell(`round ${round} of ${rounds}: ${pair.command.name}`)
        const near = await runOnce(small, pair.command)
        const far = await runOnce(large, largeCommands[index] ?? pair.command)
        if (round === 0) continue
        pair.small.push(near)
        pair.large.push(far)
      }
    }
    return linesOf(pairs, hosts)
  } finally {
    await Promise.all(labs.map((lab) => lab.stop()))
  }
}

function linesOf(
  pairs: readonly {
    readonly command: { readonly name: string }
    readonly small: readonly Measured[]
    readonly large: readonly Measured[]
  }[],
  hosts: number,
): readonly string[] {
  return table(
    [
      'command',
      'wall, × small',
      'CPU of the runner, × small',
      'CPU of the hosts, × small',
      'CPU of the runner for a host, s',
      'peak memory, MB: small',
      'large',
      'kB from a host',
    ],
    pairs.map(({ command, small, large }) => {
      const ratio = (value: (run: Measured) => number): string =>
        shown(
          spreadOf(large.map((run, at) => value(run) / (small[at] ? value(small[at]) : NaN))),
          1,
        )
      const median = (runs: readonly Measured[], value: (run: Measured) => number): number =>
        spreadOf(runs.map(value)).median
      return [
        command.name,
        ratio(({ wall }) => wall),
        ratio(({ runnerCpu }) => runnerCpu),
        ratio(({ hostsCpu }) => hostsCpu),
        (median(large, ({ runnerCpu }) => runnerCpu) / hosts).toFixed(2),
        median(small, ({ peakMemory }) => peakMemory).toFixed(0),
        median(large, ({ peakMemory }) => peakMemory).toFixed(0),
        (median(large, ({ bytes }) => bytes.from) / hosts / 1000).toFixed(0),
      ]
    }),
  )
}

/** The host of the article with the services, the policies and the sets of a large cluster. */
function largeHost(): HostSpec {
  const nat = Array.from({ length: services }, (_, i) => i)
  const filter = Array.from({ length: filterRules - sets }, (_, i) => i)
  const peers = Array.from({ length: sets }, (_, i) => i)
  const natChains = nat.map((i) => `:KUBE-SVC-${i} - [0:0]\n:KUBE-SEP-${i} - [0:0]`)
  const natRules = nat.map((i) =>
    [
      `-A KUBE-SERVICES -d ${service(i)}/32 -p tcp -m comment --comment "ns/service-${i}:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-${i}`,
      `-A KUBE-SVC-${i} -m comment --comment "ns/service-${i}:http" -j KUBE-SEP-${i}`,
      `-A KUBE-SEP-${i} -s ${pod(i)}/32 -m comment --comment "ns/service-${i}:http" -j KUBE-MARK-MASQ`,
      `-A KUBE-SEP-${i} -p tcp -m comment --comment "ns/service-${i}:http" -m tcp -j DNAT --to-destination ${pod(i)}:80`,
    ].join('\n'),
  )
  const filterLines = [
    ...filter.map(
      (i) =>
        `-A KUBE-SERVICES -d ${service(services + i)}/32 -p tcp -m comment --comment "ns/idle-${i}:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable`,
    ),
    ...peers.map((i) => `-A policies -m set --match-set peers${i} src -j RETURN`),
  ]
  return {
    rules: extended(
      extended(articleRules, 'nat', natChains, natRules),
      'filter',
      [':policies - [0:0]'],
      filterLines,
    ),
    sets: [
      articleSets.trimEnd(),
      ...peers.map((i) =>
        [
          `create peers${i} hash:net family inet`,
          ...Array.from(
            { length: membersOfSet },
            (_, member) => `add peers${i} ${pod(i * membersOfSet + member)}`,
          ),
        ].join('\n'),
      ),
    ].join('\n'),
  }
}

/** A table of `iptables-save` text with more chains and rules. */
function extended(
  text: string,
  name: string,
  chains: readonly string[],
  rules: readonly string[],
): string {
  const begin = text.indexOf(`*${name}\n`)
  const end = text.indexOf('\nCOMMIT', begin)
  const head = `*${name}\n${chains.join('\n')}\n`
  const body = text.slice(begin + `*${name}\n`.length, end)
  return `${text.slice(0, begin)}${head}${body}\n${rules.join('\n')}${text.slice(end)}`
}

function service(i: number): string {
  return `10.43.${i >> 8}.${i & 255}`
}

/** Pods of other hosts. */
function pod(i: number): string {
  return `10.42.${128 + (i >> 8)}.${i & 255}`
}

/** Routes to the blocks of further hosts, all of them behind one peer. A single host has none. */
function moreRoutes(peer: string): string {
  return Array.from({ length: routes }, (_, i) => `route add ${pod(i * 16)}/28 via ${peer}\n`).join(
    '',
  )
}
