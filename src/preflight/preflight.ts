import type { GuardChoice } from '../agent/agent.ts'
import type { CheckId } from '../check-names/check-list.ts'
import type { HostFacts } from '../facts/host-facts.ts'
import type { EarlyIntent, Intent } from '../guard/intent.ts'
import type { Refusal } from '../plan/refusals.ts'
import { atOnce, type InPieces } from '../waiting/pieces.ts'
import type {
  Check,
  CheckResult,
  EarlyCheck,
  Finding,
  ForwardCheck,
  MangleCheck,
  NftCheck,
  ProtectionCheck,
  Subject,
} from './check.ts'
import { bootFiles } from './checks/boot-files.ts'
import { arrivalInterface } from './checks/early/arrival-interface.ts'
import { closedNetworksCheck } from './checks/early/closed-networks.ts'
import { ebpf } from './checks/early/ebpf.ts'
import { flowTable } from './checks/early/flow-table.ts'
import { openNetworks } from './checks/early/open-networks.ts'
import { podSources } from './checks/early/pod-sources.ts'
import { savedRules } from './checks/early/saved-rules.ts'
import { serviceNetworks } from './checks/early/service-networks.ts'
import { sourceRoutes } from './checks/early/source-routes.ts'
import { stoppedSources } from './checks/early/stopped-sources.ts'
import { otherInterfaces } from './checks/early/unguarded-interfaces.ts'
import { virtualSwitch } from './checks/early/virtual-switch.ts'
import { firewallManager } from './checks/firewall-manager.ts'
import * as firewallTools from './checks/firewall-tools.ts'
import { calico } from './checks/forward/calico.ts'
import { clusterIps } from './checks/forward/cluster-ips.ts'
import { guardedInterface } from './checks/forward/interface.ts'
import { ipv6Pods } from './checks/forward/ipv6-pods.ts'
import { kernelSupport } from './checks/forward/kernel-support.ts'
import * as legacyBackend from './checks/forward/legacy-backend.ts'
import { oneBackend } from './checks/forward/one-backend.ts'
import { otherGuards } from './checks/forward/other-guards.ts'
import { outboundAccess } from './checks/forward/outbound-access.ts'
import { podNetworks } from './checks/forward/pod-networks.ts'
import { goodPosition } from './checks/forward/position.ts'
import { publishedPorts } from './checks/forward/published-ports.ts'
import { stoppedPods } from './checks/forward/stopped-pods.ts'
import { unguarded } from './checks/forward/unguarded-interfaces.ts'
import { visibleServices } from './checks/forward/visible-services.ts'
import { knownNodes } from './checks/known-nodes.ts'
import { leavingMembers } from './checks/leaving-members.ts'
import { mangleSupport } from './checks/mangle/mangle-support.ts'
import { nftSupport } from './checks/nft/nft-support.ts'
import { tableFlush } from './checks/nft/table-flush.ts'
import * as otherRun from './checks/other-run.ts'
import { ownChain } from './checks/own-chain.ts'
import { ownRules } from './checks/own-rules.ts'
import { ownTable } from './checks/own-table.ts'
import * as readableNetwork from './checks/readable-network.ts'
import * as readableRules from './checks/readable-rules.ts'
import { runDirectory } from './checks/run-directory.ts'
import { runSpace } from './checks/run-space.ts'
import { setName } from './checks/set-name.ts'
import { sourceAddresses } from './checks/source-addresses.ts'
import { unfinishedChange } from './checks/unfinished-change.ts'
import type { Instead } from './evidence/other-guard.ts'
import { judgeRefusal } from './evidence/refused-plan.ts'

/** What the checks are for: to change a host, to tell whether that would work, or only to look at it. */
export type Purpose = 'change' | 'audit' | 'look'

const toChange: readonly Check[] = [runDirectory, runSpace]

/** The same where the host is to be protected. */
const toChangeProtection: readonly ProtectionCheck[] = [leavingMembers]

/** What must hold so that the rule works: asked before it is inserted, and again to see whether it still protects. */
const toForward: readonly ForwardCheck[] = [
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
  ipv6Pods,
  unguarded,
  otherGuards,
  setName,
  goodPosition,
]

/** The same for a guard before routing. */
const toGuardEarly: readonly EarlyCheck[] = [knownNodes, sourceAddresses, otherInterfaces]

const toNft: readonly NftCheck[] = [nftSupport]

const toMangle: readonly MangleCheck[] = [setName, mangleSupport]

const toJudgeEarly: readonly EarlyCheck[] = [
  ebpf,
  virtualSwitch,
  arrivalInterface,
  closedNetworksCheck,
  openNetworks,
  podSources,
  stoppedSources,
  sourceRoutes,
  flowTable,
  serviceNetworks,
  savedRules,
]

const toKeepTable: readonly NftCheck[] = [tableFlush]

/**
 * The checks before any plan: whether the host can be read, and only by us. They end at the first that fails, because
 * the next would fail for the same cause.
 */
export function preliminaryFindings(
  facts: HostFacts,
  purpose: Purpose,
  guard: GuardChoice,
  instead: Instead = () => undefined,
): readonly Finding[] {
  const found: Finding[] = []
  for (const { id, judge } of [
    firewallTools,
    legacyBackend,
    readableRules,
    readableNetwork,
    otherRun,
  ]) {
    if (purpose === 'look' && id === otherRun.id) continue
    if (guard !== 'forward' && id === legacyBackend.id) continue
    const result = judge(facts, instead)
    found.push({ id, result })
    if (result.kind === 'fail') break
  }
  return found
}

/** Every other check on one host that matters for the purpose and for the intent. */
export function findings(subject: Subject, purpose: Purpose): readonly Finding[] {
  return atOnce(findingsInPieces(subject, purpose))
}

/** The same, a check a piece. */
export function* findingsInPieces(
  subject: Subject,
  purpose: Purpose,
): InPieces<readonly Finding[]> {
  const found: Finding[] = []
  for (const { id, judge } of questions(subject, purpose)) {
    found.push(accepting(subject, id, judge()))
    yield
  }
  return [...found, ...unasked(subject, found)]
}

/** Whether any of these checks fails. It asks no further, and for no warnings that take long. */
export function anyFails(subject: Subject, purpose: Purpose): boolean {
  for (const { failure } of questions(subject, purpose)) {
    if (failure()?.kind === 'fail') return true
  }
  return unasked(subject, []).some(({ result }) => result.kind === 'fail')
}

/** A check about one host, to be asked. */
interface Question {
  readonly id: CheckId
  readonly judge: () => CheckResult
  /** What `judge` finds where that is a failure; else a result that is none, or nothing. */
  readonly failure: () => CheckResult | undefined
}

function* questions(subject: Subject, purpose: Purpose): Generator<Question, void> {
  const { intent } = subject
  const ask = function* <I extends Intent>(
    checks: readonly Check<I>[],
    about: Subject<I>,
  ): Generator<Question, void> {
    for (const { id, judge, failure = judge } of checks) {
      yield { id, judge: () => judge(about), failure: () => failure(about) }
    }
  }
  const changes = purpose !== 'look'
  if (intent.kind === 'forward' || intent.kind === 'mangle')
    yield* ask([firewallManager], { ...subject, intent })
  if (changes) yield* ask(toChange, subject)
  if (intent.kind === 'forward') yield* ask(toForward, { ...subject, intent })
  if (isEarly(intent)) yield* ask(toGuardEarly, { ...subject, intent })
  if (intent.kind === 'nft') yield* ask(toNft, { ...subject, intent })
  if (intent.kind === 'mangle') yield* ask(toMangle, { ...subject, intent })
  if (isEarly(intent)) yield* ask(toJudgeEarly, { ...subject, intent })
  if (intent.kind === 'nft') yield* ask(toKeepTable, { ...subject, intent })
  if (intent.kind !== 'remove' && changes) yield* ask(toChangeProtection, { ...subject, intent })
  yield* ask([unfinishedChange, ownRules, ownTable, ownChain, bootFiles], subject)
}

/** The check of a refused plan that nothing else fails for: a host without a plan must never count as done. */
function unasked(subject: Subject, found: readonly Finding[]): readonly Finding[] {
  const { plan } = subject
  if (plan.kind !== 'refused' || found.some(({ result }) => result.kind === 'fail')) return []
  return [{ id: checkOf[plan.over], result: judgeRefusal(subject, plan.over) }]
}

/** The check that a refused plan fails. */
const checkOf: Readonly<Record<Refusal['over'], CheckId>> = {
  set: setName.id,
  position: goodPosition.id,
  rules: ownRules.id,
  table: ownTable.id,
  chain: ownChain.id,
  boot: bootFiles.id,
}

function isEarly(intent: Intent): intent is EarlyIntent {
  return intent.kind === 'nft' || intent.kind === 'mangle'
}

function accepting({ host }: Subject, id: CheckId, result: CheckResult): Finding {
  const accepted = result.kind === 'warn' && host.settings.accept.includes(id)
  return accepted ? { id, result, accepted } : { id, result }
}
