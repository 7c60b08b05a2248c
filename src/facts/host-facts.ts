import { type Holder, parseHolder } from '../agent/holder.ts'
import { type HostNote, parseNote } from '../agent/host-note.ts'
import { parseRefusal, type Refusal } from '../agent/refusal.ts'
import type { Sections } from '../agent/sections.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import type { KubeProxyServices } from '../nft/kube-proxy-services.ts'
import type { InPieces } from '../waiting/pieces.ts'
import { type BootObstacles, readBootObstacles } from './boot-files.ts'
import { type ChosenGuard, readChosenGuard } from './chosen-guard.ts'
import { type HostNetwork, readNetwork } from './host-network.ts'
import { readFlannelNetwork } from './pod-networks.ts'
import { type Reading, textOf } from './reading.ts'
import { readFreeSpace } from './sections/free-space.ts'
import { type NftForm, readMangleLacks, readNftForms } from './sections/guard-support.ts'
import { type Ipv6Network, readIpv6Network } from './sections/ipv6-network.ts'
import { readMachine } from './sections/machine-identity.ts'
import { readNativeServices } from './sections/native-services.ts'
import { readOtherRuleset } from './sections/other-ruleset.ts'
import { readPublishingTables } from './sections/publishing-tables.ts'
import { readServiceRange } from './sections/service-range.ts'
import { readSourceFilters, type SourceFilters } from './sections/source-filters.ts'
import { readTools, type Tools } from './sections/tools.ts'
import { readTunnelPeers, type TunnelPeer } from './sections/tunnel-peers.ts'
import { type HostState, readStateInPieces } from './state.ts'

/** Everything that one host told about itself in its answer to `facts`. */
export interface HostFacts {
  readonly tools: Tools
  readonly network: Reading<HostNetwork>
  readonly tunnelPeers: readonly TunnelPeer[]
  readonly flannelNetwork: string | undefined
  /** Names of other firewall managers at work: `firewalld`, `ufw`. */
  readonly firewalls: readonly string[]
  /** The run that holds the lock of this host now. */
  readonly lockHolder: Holder | undefined
  /** The dead run whose change, or only whose lock, is left there; its watchdog died as well. */
  readonly unfinished: Holder | undefined
  /** What the host did by itself since the last run. */
  readonly note: HostNote | undefined
  /** Kilobytes free in /run and in /etc; undefined if df did not say. */
  readonly freeKilobytes: number | undefined
  readonly freeInEtc: number | undefined
  /** Why nothing in /run/fw-run is trusted: others may have written it. */
  readonly untrustedRoom: Refusal | undefined
  /** Hosts that say the same here are one machine. */
  readonly machine: string | undefined
  /** The rules in the backend that `iptables` does not speak to. */
  readonly otherRuleset: Reading<Ruleset>
  /** The tables of nft that publish ports, as `inet cni_hostport`: no walk sees them. */
  readonly publishingTables: Reading<readonly string[]>
  readonly ipv6: Ipv6Network
  readonly nftForms: Reading<readonly NftForm[]>
  readonly mangleLacks: readonly string[]
  /** The guard that the host took, where the inventory says `auto`. */
  readonly chosenGuard: ChosenGuard | undefined
  /** The enabled service that deletes all tables of nft when it stops or restarts. */
  readonly flushingService: string | undefined
  readonly serviceRange: readonly string[]
  readonly nativeServices: Reading<KubeProxyServices>
  readonly sourceFilters: SourceFilters
  /** The interfaces by which the host takes packets with a source route. */
  readonly sourceRoutes: readonly string[]
  /** Whether rules of nft put connections into a flow table. */
  readonly flowTable: boolean
  /** The path of a map that Calico's eBPF data plane uses. */
  readonly calicoMap: string | undefined
  readonly bootObstacles: BootObstacles
  readonly state: Reading<HostState>
}

/** Reads the agent's answer to `facts`, in pieces. */
export function* readFacts(sections: Sections): InPieces<HostFacts> {
  return {
    tools: readTools(sections),
    network: readNetwork(sections),
    tunnelPeers: readTunnelPeers(sections),
    flannelNetwork: readFlannelNetwork(sections),
    firewalls: textOf(sections, 'firewalls').split('\n').filter(Boolean),
    lockHolder: parseHolder(textOf(sections, 'lock')),
    unfinished: parseHolder(textOf(sections, 'unfinished')),
    note: parseNote(textOf(sections, 'note')),
    freeKilobytes: readFreeSpace(sections, 0),
    freeInEtc: readFreeSpace(sections, 1),
    untrustedRoom: parseRefusal(textOf(sections, 'untrusted-room')),
    machine: readMachine(sections),
    otherRuleset: yield* readOtherRuleset(sections),
    publishingTables: readPublishingTables(sections),
    ipv6: readIpv6Network(sections),
    nftForms: readNftForms(sections),
    mangleLacks: readMangleLacks(sections),
    chosenGuard: readChosenGuard(sections),
    flushingService: textOf(sections, 'flushing').trim() || undefined,
    serviceRange: readServiceRange(sections),
    nativeServices: readNativeServices(sections),
    sourceFilters: readSourceFilters(sections),
    sourceRoutes: textOf(sections, 'source-routes').split('\n').filter(Boolean),
    flowTable: textOf(sections, 'flow-table').trim() !== '',
    calicoMap: textOf(sections, 'bpf-maps').trim() || undefined,
    bootObstacles: readBootObstacles(sections),
    state: yield* readStateInPieces(sections),
  }
}
