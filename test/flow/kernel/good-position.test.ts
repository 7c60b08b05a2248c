import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routesTowards } from '../../../src/facts/routes.ts'
import { guardRule } from '../../../src/guard/forward-rule.ts'
import { parseRuleset } from '../../../src/iptables/ruleset.ts'
import { findPosition } from '../../../src/placement/placement.ts'
import { barePod, hostWithBarePods, type RandomHost } from '../../placement/bare-pods.ts'
import { makeRandom, type Random } from '../../random.ts'
import { rounds } from '../../rounds.ts'
import { countsOf } from './counters.ts'
import { frameOf } from './frames.ts'
import { interfaces } from './landscape.ts'
import { type Router, startRouter } from './router-in-namespace.ts'

const [entry, , exit] = interfaces
const pod = '10.42.1.20'
const packets = 40

let router: Router
beforeAll(async () => {
  router = await startRouter('')
  await router.run(`
    ip link set ${entry.name} down; ip link set ${entry.name} name ens18; ip link set ens18 up
    ip addr add 192.0.2.11/24 dev ens18
    ip link set ${exit.name} down; ip link set ${exit.name} name cali2; ip link set cali2 up
    ip route add 10.42.1.0/24 dev cali2
    ip neigh add ${pod} lladdr 02:00:00:00:ff:ff dev cali2 nud permanent`)
})
afterAll(() => router.stop())

/** Gives the router the rules of a host, with ours at a position and the members in the set. */
async function load({ text, wanted }: RandomHost, position: number): Promise<void> {
  const guard = `-A FORWARD ${guardRule(wanted, 'ens18').words.join(' ')}`
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.startsWith('-A')) + position - 1
  await router.run(`
    conntrack -F 2>/dev/null
    iptables-legacy -t filter -F
    ipset destroy
    ipset create ${wanted.set} hash:ip
    ${wanted.members.map((member) => `ipset -exist add ${wanted.set} ${member}`).join('\n')}
    iptables-legacy-restore <<'END'
*raw
-A PREROUTING -i ens18 -m comment --comment arrived
COMMIT
*mangle
-A POSTROUTING -o cali2 -m comment --comment passed
COMMIT
${lines.toSpliced(at, 0, guard).join('\n')}
END`)
}

/** Sends a packet of each source to the pod; gives back how many came to the pod, and how many our rule rejected. */
async function send(sources: readonly string[], position: number) {
  const frames = sources.map((source, at) => {
    const payload = { kind: 'udp', ports: [40_000 + at, 53] } as const
    const link = { from: entry.peer, to: entry.mac }
    return frameOf(link, { source, destination: pod, tos: 0, payload }, 100)
  })
  router.send(frames)
  for (let last = ''; ; ) {
    const text = await router.run('iptables-legacy-save -c')
    const count = (name: string): number => countsOf(text).get(name)?.packets ?? 0
    if (count('raw PREROUTING 1') === sources.length && text === last)
      return {
        passed: count('mangle POSTROUTING 1'),
        rejected: count(`filter FORWARD ${position}`),
      }
    last = text
  }
}

/** A pod of another node, as far as the routes know pods. */
function pods(random: Random, { wanted }: RandomHost): readonly string[] {
  const { routes } = wanted.network
  const hasRoutes = routes.some(({ cidr }) => cidr.startsWith('10.42') && cidr !== '10.42.1.0/24')
  return Array.from({ length: packets }, () => barePod(random)).filter(
    (address) => !hasRoutes || routesTowards(address, routes)[0]?.cidr !== '0.0.0.0/0',
  )
}

function outsiders(random: Random, { wanted }: RandomHost): readonly string[] {
  return Array.from({ length: packets }, () =>
    random.pick([`192.0.2.${20 + random.below(200)}`, `198.51.100.${random.below(256)}`]),
  ).filter((address) => !wanted.members.includes(address))
}

describe('findPosition, held against the kernel', () => {
  it('finds positions at which no bare pod is rejected and no outsider passes, sampled or not', async () => {
    const random = makeRandom(2026)
    let placed = 0
    for (let round = 0; round < rounds(25, 400); round++) {
      const host = hostWithBarePods(random)
      const ruleset = parseRuleset(host.text)
      const found = findPosition({ ruleset, sets: new Map(), fingerprint: '' }, host.wanted)
      if (found.kind === 'refused') continue
      placed++
      for (const position of [found.position, random.pick(found.good as [number])]) {
        const context = JSON.stringify([host, position])
        await load(host, position)
        expect((await send(pods(random, host), position)).rejected, context).toBe(0)
        await load(host, position)
        expect((await send(outsiders(random, host), position)).passed, context).toBe(0)
      }
    }
    expect(placed).toBeGreaterThan(5)
  })
})
