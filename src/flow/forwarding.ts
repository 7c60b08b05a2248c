import { parseRange } from '../ip/ranges.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import { or } from '../ternary.ts'
import { eitherPacket, type Packet } from './packet.ts'
import type { Verdict } from './verdict.ts'
import { type Branch, type Visit, visit } from './visit.ts'
import type { Hook } from './walking/hook-view.ts'
import { isBroadcast, isLocal } from './walking/local-addresses.ts'
import { translated } from './walking/translation.ts'
import type { World } from './world.ts'

/*
 * A packet on its way through a host, from the wire to the end of FORWARD. Goals, and how each is met:
 *  1. The order of the kernel: PREROUTING of raw, mangle and nat, then the route, then FORWARD of mangle and filter
 *     (net/ipv4/ip_input.c, ip_forward.c). What POSTROUTING does comes after every verdict.
 *  2. Every fate that is possible is told, with the rules that lead there. After a chain that only lets it pass, a packet
 *     goes on as one, whichever rule it was; after DNAT to several places, as one for each.
 *  3. Never a wrong certainty: where the state of a connection or its translation is not known, both are followed.
 */

/** What may become of a packet, with the packet as it is then and the rules that brought it there. */
export interface Fate extends Omit<Branch, 'world'> {
  /** `local`: it is for the host itself, or for everybody around, and INPUT decides. */
  readonly verdict: Verdict | { readonly kind: 'local' } | NoWay
  /** The chain that ended the walk; undefined where that was the route. */
  readonly at: Hook | undefined
  readonly by: Visit['by'] | 'route'
}

/** Why a packet cannot leave. */
export interface NoWay {
  readonly kind: 'unroutable'
  readonly reason: string
}

/** Where a packet for an address leaves; an unknown device is one of several. */
export type Way = { readonly kind: 'device'; readonly device: string | undefined } | NoWay

/** All fates of a packet, in the order of the rules; never none. `certain` if they come to the same. */
export interface Forwarding {
  readonly fates: readonly Fate[]
  readonly certain: boolean
}

/** What a packet is like when it comes to FORWARD of filter, once for each translation, and what ends it before. */
export interface Approach {
  readonly branches: readonly Branch[]
  readonly fates: readonly Fate[]
}

/** Walks a packet through a host. `wayTo` is asked for the way out unless the packet has one. */
export function forwarding(
  ruleset: Ruleset,
  packet: Packet,
  world: World,
  wayTo: (destination: string) => Way,
): Forwarding {
  const { branches, fates: before } = approach(ruleset, packet, world, wayTo)
  const at = { table: 'filter', chain: 'FORWARD' }
  const fates = [...before, ...branches.flatMap((branch) => visit(ruleset, at, branch).map(fateOf))]
  return { fates, certain: agree(fates) }
}

/** Walks a packet from the wire to FORWARD of filter. */
export function approach(
  ruleset: Ruleset,
  packet: Packet,
  world: World,
  wayTo: (destination: string) => Way,
): Approach {
  const fates: Fate[] = []
  const through =
    (table: string, chain: string) =>
    (branch: Branch): readonly Branch[] => {
      const visits = visit(ruleset, { table, chain }, branch)
      fates.push(...visits.filter((one) => !passes(one)).map(fateOf))
      return joined(visits.filter(passes).map(({ passing }) => passing))
    }
  const start: Branch = { packet, world, path: [], marking: [], doubts: [] }
  const arrived = through('raw', 'PREROUTING')(start).map((one) => tracked(ruleset, start, one))
  const routed = arrived
    .flatMap(through('mangle', 'PREROUTING'))
    .flatMap((branch) => translate(ruleset, branch, fates))
    .flatMap((branch) => route(branch, wayTo, fates))
  return { branches: routed.flatMap(through('mangle', 'FORWARD')), fates }
}

function passes({ verdict }: Visit): boolean {
  return verdict.kind === 'accept'
}

function fateOf({ verdict, at, by, stopped: { world: _, ...rest } }: Visit): Fate {
  return { verdict, at, by, ...rest }
}

/**
 * What conntrack does not get, nat does not translate: it goes where it went on the wire. So a packet that raw perhaps
 * keeps from conntrack is tracked after all, if raw does not keep one from it that had its destination on the wire.
 */
function tracked(ruleset: Ruleset, start: Branch, branch: Branch): Branch {
  const { state, direction, snat, dnat } = start.packet
  if (branch.packet.state !== undefined || state === undefined) return branch
  const own = { ...start, packet: { ...start.packet, snat: false, dnat: false } }
  const visits = visit(ruleset, { table: 'raw', chain: 'PREROUTING' }, own)
  if (visits.some((one) => passes(one) && one.passing.packet.state !== state)) return branch
  return { ...branch, packet: { ...branch.packet, state, direction, snat, dnat } }
}

/** Only the first packet of a connection is asked about: the others are translated as that one was. */
function translate(ruleset: Ruleset, branch: Branch, fates: Fate[]): readonly Branch[] {
  const { state } = branch.packet
  if (state !== undefined && state !== 'NEW') return [branch]
  const visits = visit(ruleset, { table: 'nat', chain: 'PREROUTING' }, branch)
  const moved: Branch[] = []
  for (const one of visits) {
    const { verdict, stopped } = one
    if (verdict.kind === 'dnat') {
      moved.push({ ...stopped, packet: translated(stopped.packet, verdict.to) })
    } else if (verdict.kind === 'redirect') {
      fates.push({ ...fateOf(one), verdict: { kind: 'local' } })
    } else if (!passes(one)) fates.push(fateOf(one))
  }
  const passing = visits.filter(passes).map((one) => one.passing)
  return [...moved, ...joined(state === undefined ? [...passing, branch] : passing)]
}

function route(
  branch: Branch,
  wayTo: (destination: string) => Way,
  fates: Fate[],
): readonly Branch[] {
  const { world, ...rest } = branch
  const { packet } = rest
  const stop = (verdict: Fate['verdict']): readonly Branch[] => {
    fates.push({ verdict, at: undefined, by: 'route', ...rest })
    return []
  }
  const range = packet.destination === undefined ? undefined : parseRange(packet.destination)
  const ours = range && or(isLocal(range, world), isBroadcast(range, world))
  if (ours === 'yes') return stop({ kind: 'local' })
  if (packet.out !== undefined) return [branch]
  // A range may lead anywhere.
  if (!range || range.first !== range.last) return [branch]
  const way = wayTo(packet.destination ?? '')
  return way.kind === 'unroutable'
    ? stop(way)
    : [{ ...branch, packet: { ...packet, out: way.device } }]
}

/** Packets that a chain let pass go on as one: of marks and of tracking, what all have alike stays known. */
function joined(branches: readonly Branch[]): readonly Branch[] {
  const last = branches.at(-1)
  if (!last) return []
  const packet = branches.reduce((one, branch) => eitherPacket(one, branch.packet), last.packet)
  return [{ ...last, packet }]
}

function agree([first, ...rest]: readonly Fate[]): boolean {
  if (!first || first.verdict.kind === 'unknown') return false
  const verdict = JSON.stringify(first.verdict)
  return rest.every((fate) => JSON.stringify(fate.verdict) === verdict)
}
