import { knownBits } from '../flow/bits.ts'
import type { Outcome } from '../flow/journey.ts'
import { matches } from '../flow/matching.ts'
import { makePacket, type Packet } from '../flow/packet.ts'
import { type Position, positions } from '../flow/positions.ts'
import type { World } from '../flow/world.ts'
import { guardRule } from '../plan/guard.ts'
import type { ProtectIntent } from '../plan/intent.ts'
import { withoutGuards } from '../plan/placement.ts'
import { fail, type ProtectionCheck, pass, type Subject, type Verdict, warn } from './check.ts'
import { type Destination, outsiderFor, podDestinations } from './sample-addresses.ts'

/** Whether anything before our rule lets a neighbour's new packet through to a pod, walked through the real chains. */
export const outsidersStopped: ProtectionCheck = {
  title: 'nothing before the rule lets outsiders in',
  judge(subject) {
    const seen = atOurPlace(subject, newPackets)
    const open = seen.flatMap(({ before }) => before.filter(letsThrough))
    const first = open[0]
    if (!first) return pass
    const reason = `${ruleOf(first)} lets neighbours reach pods before our rule is asked`
    const remedy =
      'Narrow that rule or take it out; no place for ours is before it and behind what pods need.'
    const certain = seen.some((place) => place.reached === 'no' && place.before.every(letsThrough))
    return certain ? fail(reason, remedy) : maybe(reason, remedy)
  },
}

/** Whether answers to what pods asked of the world are accepted before our rule would turn them away. */
export const answersReachPods: ProtectionCheck = {
  title: 'answers reach pods',
  judge(subject) {
    const { intent } = subject
    const cut = intent.interfaces.flatMap((name) => {
      const rule = guardRule(intent, name)
      return atOurPlace(subject, answers).filter(
        ({ reached, packet, world }) => reached !== 'no' && matches(rule, packet, world) !== 'no',
      )
    })
    if (cut.length === 0) return pass
    const reason =
      'no rule before ours accepts answers (ESTABLISHED) to pods, so what pods ask of the world stays unanswered'
    const remedy = 'Set fw_published: allow, which lets answers pass our rule as well.'
    return cut.some(({ reached }) => reached === 'yes')
      ? fail(reason, remedy)
      : maybe(reason, remedy)
  },
}

function maybe(reason: string, remedy: string): Verdict {
  return warn(`perhaps, by a condition that cannot be told from here: ${reason}`, remedy)
}

/** How packets of a kind see the place where our rule stands or shall stand; none where there is no such place. */
function atOurPlace(
  subject: Subject<ProtectIntent>,
  packetsTo: (from: string, to: Destination, on: string) => readonly Packet[],
): readonly Position[] {
  const { plan, state, facts, intent } = subject
  if (plan.kind === 'refused' || plan.position === undefined) return []
  const index = plan.position - 1
  const world: World = {
    sets: new Map([...state.sets, [intent.set, wantedSet(intent)]]),
    localAddresses: facts.interfaces.flatMap(({ addresses }) => addresses),
  }
  const ruleset = withoutGuards(state.ruleset, intent.set)
  return intent.interfaces.flatMap((on) =>
    podDestinations(facts, intent).flatMap((to) =>
      packetsTo(outsiderFor(facts, intent, on), to, on).flatMap(
        (packet) => positions(ruleset, 'filter', 'FORWARD', packet, world)[index] ?? [],
      ),
    ),
  )
}

function wantedSet({ set, members }: ProtectIntent) {
  return { name: set, type: 'hash:ip', options: ['family', 'inet'], members }
}

function newPackets(from: string, to: Destination, on: string): readonly Packet[] {
  const common = {
    ...{ in: on, out: to.out, source: from, destination: to.address, state: 'NEW' as const },
    ...{ direction: 'ORIGINAL' as const, snat: false, dnat: false },
    ...{ mark: knownBits(0), connmark: knownBits(0) },
  }
  const ports = { sourcePort: 40000, destinationPort: 8080 }
  return [
    makePacket({ ...common, ...ports, protocol: 'tcp', tcpFlags: ['SYN'] }),
    makePacket({ ...common, ...ports, protocol: 'udp' }),
    makePacket({ ...common, protocol: 'icmp', icmpType: 8, icmpCode: 0 }),
  ]
}

/** An answer to a pod on this very host. */
function answers(from: string, to: Destination, on: string): readonly Packet[] {
  if (!to.here) return []
  const common = {
    ...{ in: on, out: to.out, source: from, destination: to.address, protocol: 'tcp' },
    ...{ sourcePort: 443, destinationPort: 40000, state: 'ESTABLISHED' as const },
    ...{ direction: 'REPLY' as const, tcpFlags: ['ACK'], dnat: false, mark: knownBits(0) },
  }
  return [makePacket(common)]
}

function letsThrough({ verdict }: Outcome): boolean {
  return verdict.kind === 'accept' || verdict.kind === 'unknown'
}

function ruleOf({ path }: Outcome): string {
  const step = path.at(-1)
  return step ? `rule ${step.number} of ${step.chain} (${step.rule.raw})` : 'the policy of FORWARD'
}
