import { type Holder, parseHolder } from '../agent/holder.ts'
import { type HostNote, parseNote } from '../agent/host-note.ts'
import { parseRefusal, type Refusal } from '../agent/refusal.ts'
import type { Sections } from '../agent/sections.ts'
import type { Ruleset } from '../iptables/ruleset.ts'
import { readRoom } from './free-space.ts'
import { type HostNetwork, readNetwork } from './host-network.ts'
import { readOtherRuleset } from './other-ruleset.ts'
import { readFlannelNetwork } from './pod-networks.ts'
import { type Reading, textOf } from './reading.ts'
import { type HostState, readState } from './state.ts'
import { readTools, type Tools } from './tools.ts'

/** Everything that one host told about itself in its answer to `facts`. */
export interface HostFacts {
  readonly tools: Tools
  readonly network: Reading<HostNetwork>
  readonly flannelNetwork: string | undefined
  /** Names of other firewall managers at work: `firewalld`, `ufw`. */
  readonly firewalls: readonly string[]
  /** The run that holds the lock of this host now. */
  readonly lockHolder: Holder | undefined
  /** The dead run whose change, or only whose lock, is left there; its watchdog died as well. */
  readonly unfinished: Holder | undefined
  /** What the host did by itself since the last run. */
  readonly note: HostNote | undefined
  readonly freeKilobytes: number | undefined
  /** Why nothing in /run/fw-run is trusted: others may have written it. */
  readonly untrustedRoom: Refusal | undefined
  /** Hosts that say the same here are one machine. */
  readonly machine: string | undefined
  /** The rules in the backend that `iptables` does not speak to. */
  readonly otherRuleset: Reading<Ruleset>
  readonly state: Reading<HostState>
}

/** Reads the agent's answer to `facts`. */
export function readFacts(sections: Sections): HostFacts {
  return {
    tools: readTools(sections),
    network: readNetwork(sections),
    flannelNetwork: readFlannelNetwork(sections),
    firewalls: textOf(sections, 'firewalls').split('\n').filter(Boolean),
    lockHolder: parseHolder(textOf(sections, 'lock')),
    unfinished: parseHolder(textOf(sections, 'unfinished')),
    note: parseNote(textOf(sections, 'note')),
    freeKilobytes: readRoom(sections),
    untrustedRoom: parseRefusal(textOf(sections, 'untrusted-room')),
    machine: textOf(sections, 'machine').trim() || undefined,
    otherRuleset: readOtherRuleset(sections),
    state: readState(sections),
  }
}
