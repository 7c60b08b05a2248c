import { bootProgram, bootService } from '../../agent/names.ts'
import { servicePath } from '../../guard/boot-service.ts'
import { type ChainState, guardedByChain } from '../../guard/mangle-chain.ts'
import { guardedBy, sourcesOf } from '../../guard/nft-table.ts'
import { uncovered } from '../../ip/dual-ranges.ts'
import type { Change } from '../../plan/change.ts'
import { countMembers } from '../../text/host-list.ts'

const otherRules =
  'its rules differ from those that this version of fw-run makes from this inventory'
const otherText = 'it differs from the file that this version of fw-run makes from this inventory'

/** A change in the words of an administrator, one line for each thing that happens. */
export function describeChange(change: Change): readonly string[] {
  switch (change.kind) {
    case 'set':
      return describeSet(change)
    case 'rules':
      return describeRules(change)
    case 'table':
      return describeTable(change)
    case 'chain':
      return describeChain(change)
    case 'boot':
      return describeBoot(change)
  }
}

function describeSet({ name, before, after }: Extract<Change, { kind: 'set' }>): readonly string[] {
  if (!before) return [`create set ${name} with ${countMembers(after?.members.length ?? 0)}`]
  if (!after) return [`destroy set ${name} with ${countMembers(before.members.length)}`]
  const gone = missing(before.members, after.members)
  const come = missing(after.members, before.members)
  return [
    ...(come.length > 0 ? [`add to set ${name}: ${come.join(', ')}`] : []),
    ...(gone.length > 0 ? [`remove from set ${name}: ${gone.join(', ')}`] : []),
  ]
}

function describeRules({ before, after }: Extract<Change, { kind: 'rules' }>): readonly string[] {
  const come = [...after]
  const lines = before.flatMap(({ position, rule }) => {
    const at = come.findIndex((one) => one.rule.raw === rule.raw)
    const [stays] = at < 0 ? [] : come.splice(at, 1)
    if (!stays) return [`delete rule ${position} of FORWARD: ${conditions(rule.raw)}`]
    if (stays.position === position) return []
    return [`move the rule from ${position} to ${stays.position} of FORWARD`]
  })
  return [
    ...lines,
    ...come.map(
      ({ position, rule }) => `insert rule ${position} of FORWARD: ${conditions(rule.raw)}`,
    ),
  ]
}

function describeTable({ before, after }: Extract<Change, { kind: 'table' }>): readonly string[] {
  if (after === undefined) return ['delete table inet fw_run']
  const { interfaces, closed } = guardedBy(after)
  const sources = sourcesOf(after)
  if (before === undefined) {
    return [
      `create table inet fw_run: close ${closed.join(', ')} on ${interfaces.join(', ')} (allowed sources: ${sources.length})`,
    ]
  }
  const was = guardedBy(before)
  const parts = [
    ...told([
      ['allow', uncovered(sources, sourcesOf(before))],
      ['no longer allow', uncovered(sourcesOf(before), sources)],
    ]),
    ...describeScope(was, { interfaces, closed }),
  ]
  const what = parts.length > 0 ? parts : [otherRules]
  return what.map((part) => `replace table inet fw_run: ${part}`)
}

/** What a guard closes, and on which interfaces. */
type Scope = Pick<ReturnType<typeof guardedBy>, 'interfaces' | 'closed'>

function describeScope(was: Scope, now: Scope): readonly string[] {
  return told([
    ['close', uncovered(now.closed, was.closed)],
    ['open', uncovered(was.closed, now.closed)],
    ['guard', missing(now.interfaces, was.interfaces)],
    ['no longer guard', missing(was.interfaces, now.interfaces)],
  ])
}

function told(
  parts: readonly (readonly [verb: string, what: readonly string[]])[],
): readonly string[] {
  return parts.flatMap(([verb, what]) => (what.length > 0 ? [`${verb} ${what.join(', ')}`] : []))
}

function describeChain({
  family,
  before,
  after,
}: Extract<Change, { kind: 'chain' }>): readonly string[] {
  const name = `chain FW-RUN of mangle (${family === 4 ? 'iptables' : 'ip6tables'})`
  if (!after) return [`delete ${name}`]
  const { interfaces, closed } = guardedByChain(after)
  if (!before) return [`create ${name}: close ${closed.join(', ')} on ${interfaces.join(', ')}`]
  const was = guardedByChain(before)
  const lines = describeScope(was, { interfaces, closed }).map((part) => `change ${name}: ${part}`)
  if (lines.length > 0) return lines
  const lead = (state: ChainState): string => state.jumps.map(({ position }) => position).join(', ')
  return textsOf(before) === textsOf(after)
    ? [`move the rule that leads to ${name} from ${lead(before)} to ${lead(after)} of PREROUTING`]
    : [`change ${name}: ${otherRules}`]
}

function textsOf({ rules }: ChainState): string {
  return rules.map(({ raw }) => raw).join('\n')
}

function describeBoot({ before, after }: Extract<Change, { kind: 'boot' }>): readonly string[] {
  const manager = (after ?? before)?.manager
  if (!manager) return []
  const service = servicePath(manager)
  if (!after) {
    const files = [
      ...(before?.program === undefined ? [] : [bootProgram]),
      ...(before?.service === undefined ? [] : [service]),
    ]
    return [`delete ${files.join(' and ')}: the guard does not come back at boot`]
  }
  if (!before) {
    return [`write ${bootProgram} and ${service}: the guard comes back at boot`]
  }
  const replace = (path: string, was: string | undefined, is: string | undefined): string[] => {
    if (was === is) return []
    return [was === undefined ? `write ${path}, which is missing` : `replace ${path}: ${otherText}`]
  }
  return [
    ...replace(bootProgram, before.program, after.program),
    ...replace(service, before.service, after.service),
    ...(before.enabled || before.service === undefined
      ? []
      : [
          manager === 'systemd'
            ? `enable and start ${bootService}, so that it runs at boot, and again when a service that deletes the guard starts or reloads (now it does not)`
            : `enable ${bootService}, so that it runs at boot (now it does not)`,
        ]),
  ]
}

function conditions(raw: string): string {
  return raw.replace(/^-A FORWARD /, '')
}

/** The members of one list that are not in another, in order. */
export function missing(
  from: readonly string[] = [],
  to: readonly string[] = [],
): readonly string[] {
  const there = new Set(to)
  return from
    .filter((member) => !there.has(member))
    .map((member) => ({ member, key: padded(member) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ member }) => member)
}

// Once for each member: a set may have 65,536. Intl.Collator would take 7 ms of each run to begin.
function padded(member: string): string {
  return member.replace(/\d+/g, (digits) => digits.padStart(10, '0'))
}
