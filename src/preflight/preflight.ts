import type { CheckId } from '../check-list.ts'
import type { HostFacts } from '../facts/host-facts.ts'
import type { Intent } from '../guard/intent.ts'
import type { Check, CheckResult, Finding, ProtectionCheck, Subject } from './check.ts'
import { calico } from './checks/calico.ts'
import { clusterIps } from './checks/cluster-ips.ts'
import { firewallManager } from './checks/firewall-manager.ts'
import * as firewallTools from './checks/firewall-tools.ts'
import { guardedInterface } from './checks/interface.ts'
import { kernelSupport } from './checks/kernel-support.ts'
import { knownNodes } from './checks/known-nodes.ts'
import { leavingMembers } from './checks/leaving-members.ts'
import * as legacyBackend from './checks/legacy-backend.ts'
import { oneBackend } from './checks/one-backend.ts'
import { otherGuards } from './checks/other-guards.ts'
import * as otherRun from './checks/other-run.ts'
import { outboundAccess } from './checks/outbound-access.ts'
import { ownRules } from './checks/own-rules.ts'
import { podNetworks } from './checks/pod-networks.ts'
import { goodPosition } from './checks/position.ts'
import { publishedPorts } from './checks/published-ports.ts'
import * as readableNetwork from './checks/readable-network.ts'
import * as readableRules from './checks/readable-rules.ts'
import { runDirectory } from './checks/run-directory.ts'
import { runSpace } from './checks/run-space.ts'
import { setName } from './checks/set-name.ts'
import { sourceAddresses } from './checks/source-addresses.ts'
import { stoppedPods } from './checks/stopped-pods.ts'
import { unfinishedChange } from './checks/unfinished-change.ts'
import { unguarded } from './checks/unguarded-interfaces.ts'
import { visibleServices } from './checks/visible-services.ts'

/** What the checks are for: to change a host, to tell whether that would work, or only to look at it. */
export type Purpose = 'change' | 'audit' | 'look'

const toChange: readonly Check[] = [runDirectory, runSpace]

/** The same where the host is to be protected. */
const toChangeProtection: readonly ProtectionCheck[] = [leavingMembers]

/** What must hold so that the rule works: asked before it is inserted, and again to see whether it still protects. */
const toProtect: readonly ProtectionCheck[] = [
  kernelSupport,
  oneBackend,
  guardedInterface,
  calico,
  podNetworks,
  knownNodes,
  sourceAddresses,
  visibleServices,
  publishedPorts,
  outboundAccess,
  stoppedPods,
  clusterIps,
  unguarded,
  otherGuards,
  setName,
  goodPosition,
]

/**
 * The checks before any plan: whether the host can be read, and only by us. They end at the first that fails, because
 * the next would fail for the same cause.
 */
export function preliminaryFindings(facts: HostFacts, purpose: Purpose): readonly Finding[] {
  const found: Finding[] = []
  for (const { id, judge } of [
    firewallTools,
    legacyBackend,
    readableRules,
    readableNetwork,
    otherRun,
  ]) {
    if (purpose === 'look' && id === otherRun.id) continue
    const result = judge(facts)
    found.push({ id, result })
    if (result.kind === 'fail') break
  }
  return found
}

/** Every other check on one host that matters for the purpose and for the intent. */
export function findings(subject: Subject, purpose: Purpose): readonly Finding[] {
  const { intent } = subject
  const ask = <I extends Intent>(
    checks: readonly Check<I>[],
    about: Subject<I>,
  ): readonly Finding[] => checks.map(({ id, judge }) => accepting(about, id, judge(about)))
  const changes = purpose !== 'look'
  const protection = changes ? [...toProtect, ...toChangeProtection] : toProtect
  return [
    ...ask(changes ? [firewallManager, ...toChange] : [firewallManager], subject),
    ...(intent.kind === 'protect' ? ask(protection, { ...subject, intent }) : []),
    ...ask([unfinishedChange, ownRules], subject),
  ]
}

function accepting({ host }: Subject, id: CheckId, result: CheckResult): Finding {
  const accepted = result.kind === 'warn' && host.settings.accept.includes(id)
  return { id, result, ...(accepted && { accepted }) }
}
