import { parseRange } from '../ip/ipv4-ranges.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import { eitherPacket, type Packet } from './packet.ts'
import { or } from './ternary.ts'
import type { Verdict } from './verdict.ts'
import type { Hook } from './walking/hook-view.ts'
import { isBroadcast, isLocal } from './walking/local-addresses.ts'
import { type MetRules, rulesMet } from './walking/trail.ts'
import { translated } from './walking/translation.ts'
import {
  type Branch,
  branchBehind,
  type HookVerdict,
  type Trail,
  walkHook,
} from './walking/walk-hook.ts'
import type { World } from './world.ts'

/*
 * A packet on its way through a host, from the wire to the end of FORWARD. Goals, and how each is met:
 *  1. The order of the kernel: PREROUTING of raw, mangle and nat, then the route, then FORWARD of mangle and filter
 *     (net/ipv4/ip_input.c, ip_forward.c). POSTROUTING comes after every verdict.
 *  2. The result has every possible verdict, with the rules that lead to it. A packet that a chain accepts goes on as one
 *     packet, whichever rule accepted it. After DNAT it goes on once for each address.
 *  3. Never a wrong certainty: if the state of a connection or its translation is not known, both are followed.
 */

/** One possible verdict on a packet on its way through a host, the packet at that time, and the rules that led there. */
export interface ForwardingVerdict extends MetRules {
  /** `local`: the packet is for the host itself or a broadcast, so INPUT decides. */
  readonly verdict: Verdict | { readonly kind: 'local' } | Unroutable
  /** The chain that decided; undefined if the route did. */
  readonly at: Hook | undefined
  readonly by: HookVerdict['by'] | 'route'
  readonly packet: Packet
}

/** No route leads to the destination; `reason` says why. */
export interface Unroutable {
  readonly kind: 'unroutable'
  readonly reason: string
}

/** The device by which packets to an address leave; undefined if there are several. */
export type RouteLookup =
  | { readonly kind: 'device'; readonly device: string | undefined }
  | Unroutable

/** Every possible verdict on a packet, in the order of the rules; at least one. `certain` if all agree. */
export interface Forwarding {
  readonly verdicts: readonly ForwardingVerdict[]
  readonly certain: boolean
}

/** Walks a packet through a host, from the wire to a verdict. Asks `lookUpRoute` unless the packet has a way out. */
export function forwarding(
  ruleset: Ruleset,
  packet: Packet,
  world: World,
  lookUpRoute: (destination: string) => RouteLookup,
): Forwarding {
  const { branches, ended } = wayToForward(ruleset, packet, world, lookUpRoute)
  const at = { table: 'filter', chain: 'FORWARD' }
  const last = branches.flatMap((branch) => walkHook(ruleset, at, branch).map(endedBy))
  const verdicts = [...ended, ...last].map(({ trail, ...one }) => ({ ...one, ...rulesMet(trail) }))
  return { verdicts, certain: agree(verdicts) }
}

/** A packet that got a verdict, and the chains that it came through. */
interface Ended extends Omit<ForwardingVerdict, keyof MetRules> {
  readonly trail: Trail
}

/** The packet as FORWARD of filter gets it, once for each translation; and the verdicts that it may get before. */
export interface WayToForward {
  readonly branches: readonly Branch[]
  readonly ended: readonly Ended[]
}

/** Walks a packet from the wire to FORWARD of filter. Asks `lookUpRoute` unless the packet has a way out. */
export function wayToForward(
  ruleset: Ruleset,
  packet: Packet,
  world: World,
  lookUpRoute: (destination: string) => RouteLookup,
): WayToForward {
  const ended: Ended[] = []
  const through =
    (table: string, chain: string) =>
    (branch: Branch): readonly Branch[] => {
      const possible = walkHook(ruleset, { table, chain }, branch)
      for (const one of possible) if (!passes(one)) ended.push(endedBy(one))
      return joined(possible.filter(mayPass))
    }
  const start: Branch = { packet, world, trail: [] }
  const arrived = through('raw', 'PREROUTING')(start).map((one) => tracked(ruleset, start, one))
  const routed = arrived
    .flatMap(through('mangle', 'PREROUTING'))
    .flatMap((branch) => translate(ruleset, branch, ended))
    .flatMap((branch) => route(branch, lookUpRoute, ended))
  return { branches: routed.flatMap(through('mangle', 'FORWARD')), ended }
}

function passes({ verdict }: HookVerdict): boolean {
  return verdict.kind === 'accept'
}

/** An unknown verdict may be an accept. */
function mayPass({ verdict }: HookVerdict): boolean {
  return verdict.kind === 'accept' || verdict.kind === 'unknown'
}

function endedBy(one: HookVerdict): Ended {
  const { verdict, at, by, packet } = one
  return { verdict, at, by, packet, trail: branchBehind(one, true).trail }
}

/**
 * Nat does not translate an untracked packet, so it keeps the destination that it has on the wire. Where raw may have kept
 * the packet from conntrack, ask raw again with that destination: if raw would track it, it is tracked.
 */
function tracked(ruleset: Ruleset, start: Branch, branch: Branch): Branch {
  const { state, direction, snat, dnat } = start.packet
  if (branch.packet.state !== undefined || state === undefined) return branch
  const onWire = { ...start, packet: { ...start.packet, snat: false, dnat: false } }
  const possible = walkHook(ruleset, { table: 'raw', chain: 'PREROUTING' }, onWire)
  if (possible.some((one) => mayPass(one) && one.packet.state !== state)) return branch
  return { ...branch, packet: { ...branch.packet, state, direction, snat, dnat } }
}

/** The table nat sees only the first packet of a connection; later packets are translated as that one was. */
function translate(ruleset: Ruleset, branch: Branch, ended: Ended[]): readonly Branch[] {
  const { state } = branch.packet
  if (state !== undefined && state !== 'NEW') return [branch]
  const possible = walkHook(ruleset, { table: 'nat', chain: 'PREROUTING' }, branch)
  const moved: Branch[] = []
  for (const one of possible) {
    const { verdict, packet } = one
    if (verdict.kind === 'dnat') {
      moved.push({ ...branchBehind(one, true), packet: translated(packet, verdict.to) })
    } else if (verdict.kind === 'redirect') {
      ended.push({ ...endedBy(one), verdict: { kind: 'local' } })
    } else if (!passes(one)) {
      ended.push(endedBy(one))
      if (verdict.kind === 'unknown') moved.push(sentAnywhere(branchBehind(one, true)))
    }
  }
  const untranslated = joined(possible.filter(passes))
  if (state !== undefined) return [...moved, ...untranslated]
  // Untracked, it does not come to nat.
  const [passed] = untranslated
  const packet = passed ? eitherPacket(passed.packet, branch.packet) : branch.packet
  return [...moved, { ...(passed ?? branch), packet }]
}

/** Where nat cannot be followed, it may have sent the packet to any address. */
function sentAnywhere(branch: Branch): Branch {
  const anywhere = { destination: undefined, destinationPort: undefined, dnat: undefined }
  return { ...branch, packet: { ...branch.packet, ...anywhere } }
}

function route(
  branch: Branch,
  lookUpRoute: (destination: string) => RouteLookup,
  ended: Ended[],
): readonly Branch[] {
  const { packet, world, trail } = branch
  const end = (verdict: Ended['verdict']): readonly Branch[] => {
    ended.push({ verdict, at: undefined, by: 'route', packet, trail })
    return []
  }
  const range = packet.destination === undefined ? undefined : parseRange(packet.destination)
  const local = range && or(isLocal(range, world), isBroadcast(range, world))
  if (local === 'yes') return end({ kind: 'local' })
  if (packet.out !== undefined) return [branch]
  // A range may lead anywhere.
  if (!range || range.first !== range.last) return [branch]
  const found = lookUpRoute(packet.destination ?? '')
  return found.kind === 'unroutable'
    ? end(found)
    : [{ ...branch, packet: { ...packet, out: found.device } }]
}

/** The packets that a chain accepts, as one packet. It keeps only marks and tracking that all of them have. */
function joined(passing: readonly HookVerdict[]): readonly Branch[] {
  const last = passing.at(-1)
  if (!last) return []
  const packet = passing.reduce((one, verdict) => eitherPacket(one, verdict.packet), last.packet)
  return [{ ...branchBehind(last, false), packet }]
}

function agree([first, ...rest]: readonly ForwardingVerdict[]): boolean {
  if (!first || first.verdict.kind === 'unknown') return false
  const verdict = JSON.stringify(first.verdict)
  return rest.every((one) => JSON.stringify(one.verdict) === verdict)
}
