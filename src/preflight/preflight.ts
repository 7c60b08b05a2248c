import type { HostFacts } from '../facts/host-facts.ts'
import type { ProtectIntent } from '../plan/intent.ts'
import * as backend from './backend.ts'
import { calicoChains } from './calico.ts'
import type { Check, Finding, ProtectionCheck, Subject } from './check.ts'
import * as exclusive from './exclusive.ts'
import { firewallManagers } from './firewall-managers.ts'
import * as firewallTools from './firewall-tools.ts'
import { interfaceReady } from './interface.ts'
import { kernelSupport } from './kernel-support.ts'
import { knownNodes, spokenAddresses } from './membership.ts'
import { oneBackend } from './one-backend.ts'
import { positionExists, setFits } from './planned.ts'
import { podNetworksKnown } from './pod-networks.ts'
import { publishedPorts } from './published-ports.ts'
import * as readable from './readable.ts'
import { roomInRun } from './room.ts'

const always: readonly Check[] = [kernelSupport, setFits, firewallManagers, roomInRun]

const forProtection: readonly ProtectionCheck[] = [
  oneBackend,
  interfaceReady,
  calicoChains,
  podNetworksKnown,
  knownNodes,
  spokenAddresses,
  positionExists,
  publishedPorts,
]

/** The checks that come before anything can be planned: whether the host can be read, and by us alone. */
export function preliminaryFindings(facts: HostFacts): readonly Finding[] {
  return [firewallTools, backend, readable, exclusive].map(({ title, judge }) => ({
    title,
    verdict: judge(facts),
  }))
}

/** Every other check on one host. With the intent to remove, only those that removing depends on. */
export function findings(subject: Subject): readonly Finding[] {
  const { intent } = subject
  return [
    ...always.map(({ title, judge }) => ({ title, verdict: judge(subject) })),
    ...(intent.kind === 'protect'
      ? forProtection.map(({ title, judge }) => ({
          title,
          verdict: judge(protection(subject, intent)),
        }))
      : []),
  ]
}

function protection(subject: Subject, intent: ProtectIntent): Subject<ProtectIntent> {
  return { ...subject, intent }
}
