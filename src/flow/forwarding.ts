import { parseRange } from '../ip/ranges.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import { or } from '../ternary.ts'
import { eitherPacket, type Packet } from './packet.ts'
import type { Verdict } from './verdict.ts'
import type { Hook } from './walking/hook-view.ts'
import { isBroadcast, isLocal } from './walking/local-addresses.ts'
import { translated } from './walking/translation.ts'
import { type Branch, type HookVerdict, walkHook } from './walking/walk-hook.ts'
import type { World } from './world.ts'

/*
 * A packet on its way through a host, from the wire to the end of FORWARD. Goals, and how each is met:
 *  1. The order of the kernel: PREROUTING of raw, mangle and nat, then the route, then FORWARD of mangle and filter
 *     (net/ipv4/ip_input.c, ip_forward.c). POSTROUTING comes after every verdict.
 *  2. Every possible verdict is told, with the rules that lead there. A packet that a chain lets pass goes on as one,
 *     whichever rule let it pass. After DNAT to several addresses it goes on once for each.
 *  3. Never a wrong certainty: if the state of a connection or its translation is not known, both are followed.
 */

/** What may become of a packet on a host, the packet as it is then, and the rules that led to it. */
export interface ForwardingVerdict extends Omit<Branch, 'world'> {
  /** `local`: the packet is for the host itself or a broadcast, so INPUT decides. */
  readonly verdict: Verdict | { readonly kind: 'local' } | Unroutable
  /** The chain that decided; undefined if the route did. */
  readonly at: Hook | undefined
  readonly by: HookVerdict['by'] | 'route'
}

/** Why a packet cannot leave. */
export interface Unroutable {
  readonly kind: 'unroutable'
  readonly reason: string
}

/** The device by which packets to an address leave; undefined if it is one of several. */
export type RouteLookup =
  | { readonly kind: 'device'; readonly device: string | undefined }
  | Unroutable

/** Every possible verdict on a packet, in the order of the rules; at least one. `certain` if all agree. */
export interface Forwarding {
  readonly verdicts: readonly ForwardingVerdict[]
  readonly certain: boolean
}

/** The packet as FORWARD of filter gets it, once for each translation, and the verdicts that it may get before. */
export interface WayToForward {
  readonly branches: readonly Branch[]
  readonly verdicts: readonly ForwardingVerdict[]
}

/** Walks a packet through a host, from the wire to a verdict. Asks `lookUpRoute` unless the packet has a way out. */
export function forwarding(
  ruleset: Ruleset,
  packet: Packet,
  world: World,
  lookUpRoute: (destination: string) => RouteLookup,
): Forwarding {
  const { branches, verdicts: before } = wayToForward(ruleset, packet, world, lookUpRoute)
  const at = { table: 'filter', chain: 'FORWARD' }
  const last = branches.flatMap((branch) => walkHook(ruleset, at, branch).map(forwardingVerdict))
  const verdicts = [...before, ...last]
  return { verdicts, certain: agree(verdicts) }
}

/** Walks a packet from the wire to FORWARD of filter. Asks `lookUpRoute` unless the packet has a way out. */
export function wayToForward(
  ruleset: Ruleset,
  packet: Packet,
  world: World,
  lookUpRoute: (destination: string) => RouteLookup,
): WayToForward {
  const verdicts: ForwardingVerdict[] = []
  const through =
    (table: string, chain: string) =>
    (branch: Branch): readonly Branch[] => {
      const possible = walkHook(ruleset, { table, chain }, branch)
      verdicts.push(...possible.filter((one) => !passes(one)).map(forwardingVerdict))
      return joined(possible.filter(passes).map(({ passing }) => passing))
    }
  const start: Branch = { packet, world, path: [], marking: [], doubts: [] }
  const arrived = through('raw', 'PREROUTING')(start).map((one) => tracked(ruleset, start, one))
  const routed = arrived
    .flatMap(through('mangle', 'PREROUTING'))
    .flatMap((branch) => translate(ruleset, branch, verdicts))
    .flatMap((branch) => route(branch, lookUpRoute, verdicts))
  return { branches: routed.flatMap(through('mangle', 'FORWARD')), verdicts }
}

function passes({ verdict }: HookVerdict): boolean {
  return verdict.kind === 'accept'
}

function forwardingVerdict({
  verdict,
  at,
  by,
  stopped: { world: _, ...rest },
}: HookVerdict): ForwardingVerdict {
  return { verdict, at, by, ...rest }
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
  const mayNotTrack = possible.some((one) => passes(one) && one.passing.packet.state !== state)
  if (mayNotTrack) return branch
  return { ...branch, packet: { ...branch.packet, state, direction, snat, dnat } }
}

/** The table nat sees only the first packet of a connection; later packets are translated as that one was. */
function translate(
  ruleset: Ruleset,
  branch: Branch,
  verdicts: ForwardingVerdict[],
): readonly Branch[] {
  const { state } = branch.packet
  if (state !== undefined && state !== 'NEW') return [branch]
  const possible = walkHook(ruleset, { table: 'nat', chain: 'PREROUTING' }, branch)
  const moved: Branch[] = []
  for (const one of possible) {
    const { verdict, stopped } = one
    if (verdict.kind === 'dnat') {
      moved.push({ ...stopped, packet: translated(stopped.packet, verdict.to) })
    } else if (verdict.kind === 'redirect') {
      verdicts.push({ ...forwardingVerdict(one), verdict: { kind: 'local' } })
    } else if (!passes(one)) verdicts.push(forwardingVerdict(one))
  }
  const passing = possible.filter(passes).map((one) => one.passing)
  return [...moved, ...joined(state === undefined ? [...passing, branch] : passing)]
}

function route(
  branch: Branch,
  lookUpRoute: (destination: string) => RouteLookup,
  verdicts: ForwardingVerdict[],
): readonly Branch[] {
  const { world, ...rest } = branch
  const { packet } = rest
  const stop = (verdict: ForwardingVerdict['verdict']): readonly Branch[] => {
    verdicts.push({ verdict, at: undefined, by: 'route', ...rest })
    return []
  }
  const range = packet.destination === undefined ? undefined : parseRange(packet.destination)
  const local = range && or(isLocal(range, world), isBroadcast(range, world))
  if (local === 'yes') return stop({ kind: 'local' })
  if (packet.out !== undefined) return [branch]
  // A range may lead anywhere.
  if (!range || range.first !== range.last) return [branch]
  const found = lookUpRoute(packet.destination ?? '')
  return found.kind === 'unroutable'
    ? stop(found)
    : [{ ...branch, packet: { ...packet, out: found.device } }]
}

/** The packets that a chain let pass, as one packet: it keeps the marks and the tracking that all have alike. */
function joined(branches: readonly Branch[]): readonly Branch[] {
  const last = branches.at(-1)
  if (!last) return []
  const packet = branches.reduce((one, branch) => eitherPacket(one, branch.packet), last.packet)
  return [{ ...last, packet }]
}

function agree([first, ...rest]: readonly ForwardingVerdict[]): boolean {
  if (!first || first.verdict.kind === 'unknown') return false
  const verdict = JSON.stringify(first.verdict)
  return rest.every((one) => JSON.stringify(one.verdict) === verdict)
}
