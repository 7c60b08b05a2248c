import type { Answer } from '../probes/answer.ts'
import { describeProbe, type TriedProbe } from '../probes/tried-probe.ts'
import type { Paint } from './paint.ts'

/** The probes: each that failed, with why and what next; of the others only how many, unless `all` are asked for. */
export function probeLines(
  probes: readonly TriedProbe[],
  all: boolean,
  paint: Paint,
): readonly string[] {
  const tried = probes.filter(({ before }) => before)
  const good = tried.filter((probe) => !failureOf(probe))
  const quiet = !all && good.length > 0 && good.length === tried.length
  return [
    ...(all ? good.map((one) => `${paint('green', 'ok  ')}  ${describeTry(one)}`) : []),
    ...(quiet ? [`${paint('green', 'ok  ')}  ${countProbes(good)}`] : []),
    ...tried.flatMap((one) => failureLines(one, paint)),
  ]
}

/** Why a run was refused before anything was changed, if a probe was; to follow a full stop. */
export function probeRefusal(probes: readonly TriedProbe[]): string {
  const failed = probes.filter(({ before }) => before?.kind === 'failed')
  const [first] = failed
  if (first?.before?.kind !== 'failed') return ''
  const more = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`
  return ` Probe ${describeProbe(first.probe)} fails as things are: ${first.before.reason}${more}.`
}

type Failure = Extract<Answer, { kind: 'failed' }> & { readonly when: 'before' | 'after' }

function failureOf({ before, after }: TriedProbe): Failure | undefined {
  if (before?.kind === 'failed') return { ...before, when: 'before' }
  return after?.kind === 'failed' ? { ...after, when: 'after' } : undefined
}

function failureLines(tried: TriedProbe, paint: Paint): readonly string[] {
  const failure = failureOf(tried)
  if (!failure) return []
  const { when, reason, remedy = remedies[when] } = failure
  const passed = when === 'after' ? ' (it had passed before)' : ''
  return [
    `${paint('red', 'FAIL')}  ${describeProbe(tried.probe)}`,
    `      failed ${when} the change${passed}: ${reason}`,
    `      defined at ${tried.places.join(', ')}`,
    `   -> ${remedy}`,
  ]
}

const remedies = {
  before: 'Mend what it asks for, or take it out of fw_probes.',
  after:
    'If it goes to pods from an address that may route there, add that to fw_extra_members; `fw-run trace` shows what stops it.',
}

function describeTry({ probe, after }: TriedProbe): string {
  return `${describeProbe(probe)}: passed ${after ? 'before and after' : 'before'}`
}

function countProbes(probes: readonly TriedProbe[]): string {
  const count = `${probes.length} ${probes.length === 1 ? 'probe' : 'probes'}`
  return `${count} passed ${probes.every(({ after }) => after) ? 'before and after' : 'before'}`
}
