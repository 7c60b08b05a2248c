import { devicesTowards, type Route, routesTowards } from '../../facts/routes.ts'
import type { HostState } from '../../facts/state.ts'
import type { RouteLookup } from '../../flow/hooks.ts'
import type { World } from '../../flow/world.ts'
import { withoutGuards } from '../../guard/forward-rule.ts'
import type { ForwardIntent } from '../../guard/intent.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { maxHostSteps, maxRulesAsked } from '../../limits.ts'
import { onceFor } from '../../memory/once-for.ts'
import { atOnce, type InPieces } from '../../waiting/pieces.ts'
import { forwardingChainsInPieces } from '../forwarding-rules.ts'
import { mergeAddressLists } from '../kinds/address-lists.ts'
import { deviceKinds } from '../kinds/device-kinds.ts'
import { type Kinds, kindsBy, type MatchedRanges } from '../kinds/kinds.ts'
import { matchedAddresses, matchedPorts, matchedProtocols } from '../kinds/matched-ranges.ts'
import { type RangedRoute, ranged } from './routing.ts'

/** A host as forwarded packets find it, prepared for sampling flows. */
export interface HostModel {
  /** All rules but ours in FORWARD. */
  readonly ruleset: Ruleset
  readonly intent: ForwardIntent
  /** Our set has the members of the intent here. */
  readonly world: World
  /** Every rule that a forwarded packet may come to, of all tables. */
  readonly rules: readonly Rule[]
  /** The narrowest network first. */
  readonly routes: readonly RangedRoute[]
  readonly podNetworks: readonly Range[]
  /**
   * The ranges that rules match. Among those of sources is our set: our rule tells its members apart from others. For pods
   * as sources, rules of nat do not count: nat asks for pods only in chains of services.
   */
  readonly matched: Readonly<
    Record<'sources' | 'podSources' | 'destinations', readonly MatchedRanges[]>
  >
  /** The kinds that all rules tell apart. */
  readonly sources: Kinds
  readonly destinations: Kinds
  readonly ports: Kinds
  /** The kinds that the rules of all tables but nat tell apart: for packets that nat has translated or never sees. */
  readonly withoutNat: Readonly<Record<'sources' | 'destinations' | 'ports', Kinds>>
  /** A port that no rule names. */
  readonly freePort: number
  /** The numbers of the protocols that rules name. */
  readonly protocols: ReadonlySet<number>
  /** How many pairs of kinds may be walked, so that a plan takes less than a second. */
  readonly maxPairs: number
  /** A text that is equal for devices which no rule tells apart. */
  readonly deviceKind: (device: string) => string
  readonly lookUpRoute: (destination: string) => RouteLookup
}

/** The interface of a pod that does not exist yet, as Calico would name it. */
export const inventedDevice = 'cali+'

/** Only of the host that was asked for last: of a thousand hosts, models would take gigabytes. */
let last:
  | { readonly state: HostState; readonly intent: ForwardIntent; readonly model: HostModel }
  | undefined

/** Makes the model of a host. Asked again for the same state and intent before another, it returns the same model. */
export function hostModelOf(state: HostState, intent: ForwardIntent): HostModel {
  return atOnce(hostModelInPieces(state, intent))
}

/** The same in pieces: where a host has many rules, all together take a second. */
export function* hostModelInPieces(state: HostState, intent: ForwardIntent): InPieces<HostModel> {
  if (last?.state === state && last.intent === intent) return last.model
  const model = yield* makeModel(state, intent)
  last = { state, intent, model }
  return model
}

function* makeModel(state: HostState, intent: ForwardIntent): InPieces<HostModel> {
  const ruleset = withoutGuards(state.ruleset, intent.set)
  const tables = new Map<string, readonly (readonly Rule[])[]>()
  for (const table of ['raw', 'mangle', 'filter', 'nat']) {
    tables.set(table, yield* forwardingChainsInPieces(ruleset, table))
  }
  const chains = [...tables.values()].flat()
  const rules = chains.flat()
  const routes = ranged(intent.network.routes)
  const world = worldOf(state, intent)
  const podNetworks = intent.podCidrs.flatMap((cidr) => parseRange(cidr) ?? [])
  const notNat = [...tables].flatMap(([table, some]) => (table === 'nat' ? [] : some))
  const matchedBy = function* (
    side: 'source' | 'destination',
    nat: boolean,
  ): InPieces<readonly MatchedRanges[]> {
    const merged: (readonly Rule[])[] = []
    for (const [table, some] of tables) {
      if ((table === 'nat') !== nat) continue
      for (const chain of some) merged.push(yield* mergeAddressLists(table, chain, side))
    }
    yield
    return matchedAddresses(merged, side, world.sets)
  }
  const ours = rangesOf(intent.members)
  const podSources = [ours, ...(yield* matchedBy('source', false))]
  yield
  const destinationsWithoutNat = yield* matchedBy('destination', false)
  yield
  const sourcesInNat = yield* matchedBy('source', true)
  yield
  const matched = {
    sources: [...podSources, ...sourcesInNat],
    podSources,
    destinations: [...destinationsWithoutNat, ...(yield* matchedBy('destination', true))],
  }
  yield
  const notNatPorts = matchedPorts(notNat, world.sets)
  const withoutNat = {
    sources: kindsBy(matched.podSources),
    destinations: kindsBy(destinationsWithoutNat),
    ports: kindsBy(notNatPorts),
  }
  yield
  const ports = kindsBy(matchedPorts(chains, world.sets))
  yield
  const sources = kindsBy(matched.sources)
  yield
  const destinations = kindsBy(matched.destinations)
  yield
  return {
    ...{ ruleset, intent, world, rules, routes, podNetworks, matched },
    ...{ sources, destinations, ports, withoutNat },
    freePort: ports.rows.find(({ first }) => first > 1024 && ports.of(first) === '')?.first ?? 9,
    protocols: matchedProtocols(chains),
    maxPairs: Math.max(100, Math.round(maxRulesAsked / (rules.length + 1))),
    deviceKind: deviceKinds(ruleset, tables),
    lookUpRoute: (destination) => lookUpRoute(destination, intent.network.routes, podNetworks),
  }
}

function worldOf({ sets }: HostState, { set, members, network }: ForwardIntent): World {
  const ours = ourSet(members)
  return {
    sets: new Map([...sets, [set, ours]]),
    localAddresses: network.interfaces.flatMap(({ addresses }) => addresses),
    devicesTowards: (address) => devicesTowards(address, network.routes),
    steps: { left: maxHostSteps },
  }
}

/** Our set as the intent wants it. The rules may call it by another name. Hosts that want the same members have it in common. */
const ourSet = onceFor((members: readonly string[]) => ({
  ...{ name: 'ours', type: 'hash:ip', options: [], members },
}))

/** The ranges of our members. Those in a row are one: nothing tells members apart. */
export const rangesOf = onceFor((members: readonly string[]): readonly Range[] => {
  const ranges = members.flatMap((member) => parseRange(member) ?? [])
  const found: Range[] = []
  for (const range of ranges.sort((a, b) => a.first - b.first)) {
    const last = found.at(-1)
    if (!last || range.first > last.last + 1) found.push(range)
    else found[found.length - 1] = { first: last.first, last: Math.max(last.last, range.last) }
  }
  return found
})

/** Follows the routes. If only the default route leads to an address of a pod network, it is an invented pod here. */
function lookUpRoute(
  destination: string,
  routes: readonly Route[],
  podNetworks: readonly Range[],
): RouteLookup {
  const address = parseAddress(destination)
  if (address === undefined) return { kind: 'device', device: undefined }
  const found = routesTowards(destination, routes)
  const pod = podNetworks.some(({ first, last }) => address >= first && address <= last)
  if (pod && found.every(({ cidr }) => cidr === '0.0.0.0/0')) {
    return { kind: 'device', device: inventedDevice }
  }
  if (found.some(({ kind }) => kind !== 'unicast')) {
    return { kind: 'unroutable', reason: 'its route forwards no packets' }
  }
  const devices = new Set(found.map(({ device }) => device))
  return { kind: 'device', device: devices.size === 1 ? found[0]?.device : undefined }
}
