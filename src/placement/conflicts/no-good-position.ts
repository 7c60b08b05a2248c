import { numberRanges } from '../../text/number-ranges.ts'
import type { HostModel } from '../host/host-model.ts'
import { describeConflict, type NameOfRule } from './conflict-text.ts'
import type { Conflicts } from './conflicts.ts'
import { doubtRemedy } from './doubt-remedy.ts'
import { adviceOn } from './rule-advice.ts'

/** Why our rule goes nowhere, and what to do about it. */
export interface Refusal {
  readonly kind: 'refused'
  readonly reason: string
  readonly remedy: string
}

/** Without pod networks there is nothing to guard. */
export const noPodNetwork: Refusal = {
  kind: 'refused',
  reason: 'no pod network is known, so no position in FORWARD can be checked',
  remedy: "Set fw_pod_cidrs in the inventory, for example ['10.42.0.0/16'].",
}

/** Only where a host that was asked for all rules changed in between. */
export const rulesLeftOut: Refusal = {
  kind: 'refused',
  reason:
    'fw-run did not get all rules of this host, and needs them to check a position in FORWARD',
  remedy: 'Run the same command again.',
}

/** Some kinds are in no flow, so any rule may accept them. */
export function unproven(gaps: readonly string[]): Refusal {
  return {
    kind: 'refused',
    reason: `fw-run cannot prove that a position is good: ${gaps.join('; ')}`,
    remedy:
      'If many of your rules differ only in the address, put the addresses into one ipset, and use one rule. If nat publishes many ports that nobody needs, set fw_published: block. If you know a good position, set fw_position.',
  }
}

/**
 * Every position has a conflict: from some position on, an earlier rule accepts outsiders, and up to there our rule would
 * stop what must be kept. Both are named, because it is enough to mend either.
 */
export function noneGood(
  conflicts: Conflicts,
  { ruleset, intent }: Pick<HostModel, 'ruleset' | 'intent'>,
  nameOf: NameOfRule,
): Refusal {
  const leaks = conflicts.map((list) => list.find(({ flow }) => flow.aim === 'stop'))
  const cuts = conflicts.map((list) => list.find(({ flow }) => flow.aim === 'keep'))
  const firstLeak = leaks.findIndex((leak) => leak !== undefined)
  const leak = leaks[firstLeak]
  const cut = leak ? cuts[firstLeak - 1] : cuts.at(-1)
  const before = firstLeak === 1 ? 'At position 1' : `At positions 1 to ${firstLeak}`
  const behind = `At position ${firstLeak + 1} or later`
  const reasons = [
    ...(cut ? [`${leak ? before : everywhere}, ${describeConflict(cut, nameOf)}`] : []),
    ...(leak ? [`${firstLeak > 0 ? behind : everywhere}, ${describeConflict(leak, nameOf)}`] : []),
  ]
  const remedies = [
    ...(cut?.flow.remedy ? [cut.flow.remedy] : []),
    ...(leak?.rule ? [adviceOn(leak.rule, ruleset, intent.podCidrs, nameOf)] : []),
    ...(leak && !leak.rule ? [doubtRemedy(intent.set)] : []),
  ]
  return {
    kind: 'refused',
    reason: `no position in FORWARD is good. ${reasons.join('. ')}`,
    remedy: oneOf([...new Set(remedies)]) || doubtRemedy(intent.set),
  }
}

const everywhere = 'At every position'

/** Several remedies of which one is enough. */
function oneOf(remedies: readonly string[]): string {
  if (remedies.length < 2) return remedies.join('')
  return `Do one of these. ${remedies.map((one, index) => `(${index + 1}) ${one}`).join(' ')}`
}

/** The wanted position is behind the end of the chain, which has so many rules besides ours. */
export function beyondChain(wanted: number, rules: number, other: OtherPosition): Refusal {
  return {
    kind: 'refused',
    reason: `fw_position is ${wanted}, but the last position in FORWARD is ${rules + 1}${other.also}`,
    remedy: other.remedy,
  }
}

/** The wanted position has a conflict. */
export function notGood(wanted: number, conflict: string, other: OtherPosition): Refusal {
  return {
    kind: 'refused',
    reason: `fw_position ${wanted} is not good: ${conflict}${other.also}`,
    remedy: other.remedy,
  }
}

/** What to set in place of a position that is not good. */
interface OtherPosition {
  /** Why no other position helps, as a further sentence; empty if one does. */
  readonly also: string
  readonly remedy: string
}

/** Where our rule can go instead. `mayBeAuto`: `auto` would not be refused. `none`: what to say if no position is good. */
export function otherPosition(
  good: readonly number[],
  mayBeAuto: boolean,
  none: () => Refusal,
): OtherPosition {
  if (good.length === 0) {
    const { reason, remedy } = none()
    return { also: `. Also, ${reason}`, remedy }
  }
  const auto = mayBeAuto ? 'auto, or to ' : ''
  return { also: '', remedy: `Set fw_position to ${auto}a good position: ${numberRanges(good)}.` }
}
