import type { HostFacts } from '../facts/host-facts.ts'
import type { Intent } from '../plan/intent.ts'
import * as backend from './backend.ts'
import { calicoChains } from './calico.ts'
import type { Check, Finding, ProtectionCheck, Subject } from './check.ts'
import { clusterIpsClosed } from './cluster-ips.ts'
import * as exclusive from './exclusive.ts'
import { firewallManagers } from './firewall-managers.ts'
import * as firewallTools from './firewall-tools.ts'
import { interfaceReady } from './interface.ts'
import { kernelSupport } from './kernel-support.ts'
import { publishedPortsSeen } from './kube-proxy.ts'
import { knownNodes, spokenAddresses } from './membership.ts'
import { oneBackend } from './one-backend.ts'
import { otherGuards } from './other-guards.ts'
import { ourRules, positionExists, setFits } from './planned.ts'
import { podNetworksKnown } from './pod-networks.ts'
import { publishedPorts } from './published-ports.ts'
import * as readable from './readable.ts'
import { roomInRun } from './room.ts'
import { nothingUnfinished } from './unfinished-change.ts'
import { unguardedInterfaces } from './unguarded-interfaces.ts'

/** What the checks are for: to change a host, or only to look whether it is as it should be. */
export type Purpose = 'change' | 'look'

const toChange: readonly Check[] = [firewallManagers, roomInRun]

/** What must hold for the rule to work: asked before it is put there, and whether it still protects. */
const toProtect: readonly ProtectionCheck[] = [
  kernelSupport,
  oneBackend,
  interfaceReady,
  calicoChains,
  podNetworksKnown,
  knownNodes,
  spokenAddresses,
  publishedPortsSeen,
  publishedPorts,
  clusterIpsClosed,
  unguardedInterfaces,
  otherGuards,
  setFits,
  positionExists,
]

/**
 * The checks that come before anything can be planned: whether the host can be read, and by us alone. They end at the
 * first that fails, because the next would only fail for the same cause.
 */
export function preliminaryFindings(facts: HostFacts, purpose: Purpose): readonly Finding[] {
  const found: Finding[] = []
  for (const { title, judge } of [firewallTools, backend, readable, exclusive]) {
    if (purpose === 'look' && title === exclusive.title) continue
    const verdict = judge(facts)
    found.push({ title, verdict })
    if (verdict.kind === 'fail') break
  }
  return found
}

/** Every other check on one host that matters for the purpose, and for what is wanted there. */
export function findings(subject: Subject, purpose: Purpose): readonly Finding[] {
  const { intent } = subject
  const ask = <I extends Intent>(
    checks: readonly Check<I>[],
    about: Subject<I>,
  ): readonly Finding[] => checks.map(({ title, judge }) => ({ title, verdict: judge(about) }))
  return [
    ...(purpose === 'change' ? ask(toChange, subject) : []),
    ...(intent.kind === 'protect' ? ask(toProtect, { ...subject, intent }) : []),
    ...ask([nothingUnfinished, ourRules], subject),
  ]
}
