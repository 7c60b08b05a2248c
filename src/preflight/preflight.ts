import type { HostFacts } from '../facts/host-facts.ts'
import type { Intent } from '../guard/intent.ts'
import type { Check, Finding, ProtectionCheck, Subject } from './check.ts'
import * as backend from './checks/backend.ts'
import { calicoChains } from './checks/calico.ts'
import { clusterIpsClosed } from './checks/cluster-ips.ts'
import { firewallManagers } from './checks/firewall-managers.ts'
import * as firewallTools from './checks/firewall-tools.ts'
import { roomInRun } from './checks/free-space.ts'
import { interfaceReady } from './checks/interface.ts'
import { kernelSupport } from './checks/kernel-support.ts'
import { publishedPortsSeen } from './checks/kube-proxy.ts'
import { knownNodes, spokenAddresses } from './checks/membership.ts'
import * as exclusive from './checks/no-other-run.ts'
import { oneBackend } from './checks/one-backend.ts'
import { otherGuards } from './checks/other-guards.ts'
import { ourRules, positionExists, setFits } from './checks/plan-refusals.ts'
import { podNetworksKnown } from './checks/pod-networks.ts'
import { publishedPorts } from './checks/published-ports.ts'
import * as readable from './checks/readable.ts'
import { nothingUnfinished } from './checks/unfinished-change.ts'
import { noOtherInterface } from './checks/unguarded-interfaces.ts'

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
  noOtherInterface,
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
    const result = judge(facts)
    found.push({ title, result })
    if (result.kind === 'fail') break
  }
  return found
}

/** Every other check on one host that matters for the purpose, and for what is wanted there. */
export function findings(subject: Subject, purpose: Purpose): readonly Finding[] {
  const { intent } = subject
  const ask = <I extends Intent>(
    checks: readonly Check<I>[],
    about: Subject<I>,
  ): readonly Finding[] => checks.map(({ title, judge }) => ({ title, result: judge(about) }))
  return [
    ...(purpose === 'change' ? ask(toChange, subject) : []),
    ...(intent.kind === 'protect' ? ask(toProtect, { ...subject, intent }) : []),
    ...ask([nothingUnfinished, ourRules], subject),
  ]
}
