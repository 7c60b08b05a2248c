import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { addIpv6 } from './dual-stack.ts'
import { everything, withGuard } from './guarded.ts'
import { four, six } from './matrix/addresses.ts'
import { addContainer, serveDatagrams, tryFlows } from './matrix/flows.ts'
import { iptablesRules } from './matrix/iptables-rules.ts'
import { nftRules } from './matrix/nft-rules.ts'

const rulesets = ['legacy', 'iptables-nft', 'nft'] as const

const all = rulesets.flatMap((ruleset) =>
  (['vxlan', 'bare'] as const).flatMap((routing) =>
    [true, false].map((masquerade) => ({ ruleset, routing, masquerade })),
  ),
)

/** One of each kind of ruleset and way of pods; the long tests take all. */
const some = all.filter(
  ({ ruleset, routing, masquerade }) =>
    (ruleset === 'legacy' && routing === 'vxlan' && masquerade) ||
    (ruleset === 'nft' && routing === 'bare' && !masquerade),
)

const families = [
  ['IPv4', four],
  ['IPv6', six],
] as const

describe.each(long ? all : some)(
  'rules of $ruleset, pods by $routing, masquerade $masquerade',
  ({ ruleset, routing, masquerade }) => {
    let lab: Lab

    beforeAll(async () => {
      const backend = ruleset === 'legacy' ? 'legacy' : 'nft'
      const rules = ruleset === 'nft' ? '' : iptablesRules(four, masquerade)
      const spec = { backend, rules } as const
      lab = await startLab({ hosts: [spec, spec], podRouting: routing })
      await addIpv6(lab)
      for (const host of lab.hosts) {
        const [command, text] =
          ruleset === 'nft'
            ? ['nft -f -', nftRules(four, masquerade) + nftRules(six, masquerade)]
            : ['ip6tables-restore', iptablesRules(six, masquerade)]
        const { code, stderr } = await host.run(command, { stdin: text })
        expect(stderr).toBe('')
        expect(code).toBe(0)
        // The kernel looks for a route before it translates what a host sends to a ClusterIP.
        await host.run(`ip -6 route add default via ${six.outsider}`)
      }
      await lab.outsider.run(
        families
          .flatMap(([, { family, services, vip, pod, node }]) =>
            [services, ...vip, pod[1]].map((one) => `ip -${family} route add ${one} via ${node}`),
          )
          .join('; '),
      )
      await addContainer(lab.host('node1'))
      await serveDatagrams(lab)
    })
    afterAll(() => lab.stop())

    it.runIf(ruleset === 'nft').each(['nft', 'mangle'])(
      'tell guard %s which services there are',
      async (guard) => {
        const preflight = async (...networks: readonly string[]) =>
          withGuard(lab, guard, ['preflight'], { fw_service_cidrs: networks })
        const short = await preflight('10.43.0.0/28', six.services)
        expect(short.code).toBe(2)
        expect(short.stdout.replace(/\s+/g, ' ')).toContain(
          'there are other ClusterIPs: 10.43.0.80, 10.43.0.81, 10.43.0.90, 10.43.0.0/16',
        )
        const unknown = await preflight()
        expect(unknown.stdout.replace(/\s+/g, ' ')).toContain(
          `Set fw_service_cidrs for all hosts to ${JSON.stringify([four.services, six.services])}`,
        )
      },
    )

    it.each(['nft', 'mangle'])(
      'are guarded by %s in both families, and all is as before when it is removed',
      async (guard) => {
        const more = { fw_service_cidrs: [four.services, six.services] }
        const before = await everything(lab)
        for (const [name, at] of families) {
          const { stop, keep } = await tryFlows(lab, at)
          expect({ name, closed: never(stop), broken: never(keep) }).toEqual({
            name,
            closed: [],
            broken: [],
          })
        }
        const run = await withGuard(lab, guard, ['apply'], more)
        expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
        for (const [name, at] of families) {
          const { stop, keep } = await tryFlows(lab, at)
          expect({ name, open: ever(stop), broken: never(keep) }).toEqual({
            name,
            open: [],
            broken: [],
          })
        }
        expect((await withGuard(lab, guard, ['remove'], more)).code).toBe(0)
        expect(await everything(lab)).toEqual(before)
        for (const [, at] of families) expect(never((await tryFlows(lab, at)).stop)).toEqual([])
      },
    )
  },
)

/** The kinds of traffic that got an answer. */
function ever(flows: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.keys(flows).filter((name) => flows[name])
}

/** The kinds of traffic that got none. */
function never(flows: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.keys(flows).filter((name) => !flows[name])
}
