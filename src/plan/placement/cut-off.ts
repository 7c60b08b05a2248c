import { matches } from '../../flow/matching.ts'
import { makePacket } from '../../flow/packet.ts'
import { positions } from '../../flow/positions.ts'
import type { Rule } from '../../iptables/rule.ts'
import { rulesOf } from '../../iptables/ruleset.ts'
import { bridgesOf } from './bridges.ts'
import { answered, answers, fresh, requests } from './flow.ts'
import { outsidersOn } from './outsiders.ts'
import type { Terrain } from './terrain.ts'

/** The interfaces of pods, and those between nodes. */
const ofPods = /^(cali|cni|cbr|veth|flannel|tunl|vxlan|weave)/

/**
 * The interfaces of others, as of a VPN or of virtual machines, by which strangers get out now by a rule behind a place, but
 * not with our rule at it. Only told: nobody says whether they should.
 */
export function cutOff(terrain: Terrain, place: number): readonly string[] {
  const { ruleset, intent } = terrain
  const bridges = bridgesOf(terrain).map(({ name }) => name)
  const known = new Set([...bridges, ...intent.interfaces])
  const behind = rulesOf(ruleset, 'filter', 'FORWARD').slice(place - 1)
  const found = behind.flatMap((rule) =>
    devicesOut(rule).filter(
      (device) => !known.has(device) && !ofPods.test(device) && isCut(terrain, place, rule, device),
    ),
  )
  return [...new Set(found)]
}

function devicesOut({ matches: conditions, target }: Rule): readonly string[] {
  if (target?.name !== 'ACCEPT') return []
  return conditions.flatMap((match) =>
    match.kind === 'out' && !match.negated && !match.interface.endsWith('+')
      ? [match.interface]
      : [],
  )
}

/** Whether a packet that comes to the place would be accepted by the rule behind it. */
function isCut(terrain: Terrain, place: number, rule: Rule, out: string): boolean {
  const { ruleset, world, intent } = terrain
  const packets = [
    { ...fresh, ...requests.TCP },
    { ...answered(terrain), ...answers[0] },
  ]
  return intent.interfaces.some((on) =>
    packets.some((about) => {
      const source = outsidersOn(terrain, on)[0]?.address
      const packet = makePacket({ ...about, in: on, out, source })
      const at = positions(ruleset, 'filter', 'FORWARD', packet, world)[place - 1]
      return at && at.reached !== 'no' && matches(rule, at.packet, at.world) !== 'no'
    }),
  )
}
