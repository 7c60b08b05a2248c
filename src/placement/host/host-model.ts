import type { HostState } from '../../facts/state.ts'
import type { RouteLookup } from '../../flow/forwarding.ts'
import type { World } from '../../flow/world.ts'
import { withoutGuards } from '../../guard/guard.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { parseAddress } from '../../ip/address.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import type { Ruleset } from '../../iptables/ruleset.ts'
import { maxRulesAsked } from '../../limits.ts'
import { forwardingRules } from '../forwarding-rules.ts'
import { withLists } from '../kinds/address-lists.ts'
import { deviceKinds } from '../kinds/device-kinds.ts'
import { type Condition, type Kinds, kindsBy } from '../kinds/kinds.ts'
import { addressConditions, portConditions, protocolsNamed } from '../kinds/matched-ranges.ts'
import { devicesTo, type RangedRoute, ranged, routesTo } from './routing.ts'

/** A host as packets find it: what flows are sampled from. */
export interface HostModel {
  /** Without rules of ours. */
  readonly ruleset: Ruleset
  readonly intent: ProtectIntent
  readonly world: World
  /** Every rule that a forwarded packet may come to. */
  readonly rules: readonly Rule[]
  readonly routes: readonly RangedRoute[]
  readonly podNetworks: readonly Range[]
  /** What rules ask of sources and of destinations; of pods, which nat asks only behind a service, without its rules. */
  readonly asked: Readonly<Record<'source' | 'podSource' | 'destination', readonly Condition[]>>
  readonly sources: Kinds
  readonly destinations: Kinds
  readonly ports: Kinds
  /** The same as the rules without those of nat tell them apart: of packets that nat is done with, or never asks about. */
  readonly filtered: Readonly<Record<'sources' | 'destinations' | 'ports', Kinds>>
  /** A port that no rule names. */
  readonly freePort: number
  /** The numbers of the protocols that rules name. */
  readonly protocols: ReadonlySet<number>
  /** How many pairs of kinds may be walked, so that a plan stays below a second. */
  readonly mostPairs: number
  readonly deviceKind: (device: string) => string
  readonly lookUpRoute: (destination: string) => RouteLookup
}

/** The interface of a pod that is imagined as Calico would make it. */
export const imaginedDevice = 'cali+'

const known = new WeakMap<
  HostState,
  { readonly intent: ProtectIntent; readonly model: HostModel }
>()

/**
 * A host as flows find it, as if no rule of ours stood in FORWARD, and with the set as it shall be. Read once, however
 * often it is asked for.
 */
export function hostModelOf(state: HostState, intent: ProtectIntent): HostModel {
  const last = known.get(state)
  if (last?.intent === intent) return last.model
  const model = readTerrain(state, intent)
  known.set(state, { intent, model })
  return model
}

function readTerrain(state: HostState, intent: ProtectIntent): HostModel {
  const ruleset = withoutGuards(state.ruleset, intent.set)
  const tables = new Map(
    ['raw', 'mangle', 'filter', 'nat'].map((table) => [table, forwardingRules(ruleset, table)]),
  )
  const rules = [...tables.values()].flat()
  const filtering = [...tables].flatMap(([table, some]) => (table === 'nat' ? [] : some))
  const routes = ranged(intent.network.routes)
  const world = worldOf(state, intent, routes)
  const podNetworks = intent.podCidrs.flatMap((cidr) => parseRange(cidr) ?? [])
  const askedBy = (side: 'source' | 'destination', nat: boolean): readonly Condition[] => {
    const asking = [...tables].filter(([table]) => nat || table !== 'nat')
    const told = asking.flatMap(([table, some]) => withLists(table, some, side))
    return addressConditions(told, side, world.sets)
  }
  const asked = {
    source: askedBy('source', true),
    podSource: askedBy('source', false),
    destination: askedBy('destination', true),
  }
  const filtered = {
    sources: kindsBy(asked.podSource),
    destinations: kindsBy(askedBy('destination', false)),
    ports: kindsBy(portConditions(filtering, world.sets)),
  }
  const ports = kindsBy(portConditions(rules, world.sets))
  return {
    ...{ ruleset, intent, world, rules, routes, podNetworks, asked },
    sources: kindsBy(asked.source),
    destinations: kindsBy(asked.destination),
    ...{ ports, filtered },
    freePort: ports.rows.find(({ first }) => first > 1024 && ports.of(first) === '')?.first ?? 9,
    protocols: protocolsNamed(rules),
    mostPairs: Math.max(100, Math.round(maxRulesAsked / (rules.length + 1))),
    deviceKind: deviceKinds(ruleset, tables),
    lookUpRoute: (destination) => lookUpRoute(parseAddress(destination), routes, podNetworks),
  }
}

function worldOf(
  { sets }: HostState,
  { set, members, network }: ProtectIntent,
  routes: readonly RangedRoute[],
): World {
  const ours = { name: set, type: 'hash:ip', options: ['family', 'inet'], members }
  return {
    sets: new Map([...sets, [set, ours]]),
    localAddresses: network.interfaces.flatMap(({ addresses }) => addresses),
    devicesTowards: (address) => devicesTo(parseAddress(address) ?? 0, routes),
  }
}

/** As the routes say; to a pod that only the default route knows, as to one that is imagined here. */
function lookUpRoute(
  address: number | undefined,
  routes: readonly RangedRoute[],
  podNetworks: readonly Range[],
): RouteLookup {
  if (address === undefined) return { kind: 'device', device: undefined }
  const found = routesTo(address, routes)
  const pod = podNetworks.some(({ first, last }) => address >= first && address <= last)
  if (pod && found.every(({ cidr }) => cidr === '0.0.0.0/0')) {
    return { kind: 'device', device: imaginedDevice }
  }
  if (found.some(({ kind }) => kind !== 'unicast')) {
    return { kind: 'unroutable', reason: 'its route lets no packet through' }
  }
  const devices = new Set(found.map(({ device }) => device))
  return { kind: 'device', device: devices.size === 1 ? found[0]?.device : undefined }
}
