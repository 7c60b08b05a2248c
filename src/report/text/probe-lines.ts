import { forgivesProbes } from '../../outcomes/probe-policy.ts'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { ProbeResult } from '../../probes/probe-result.ts'
import { describeProbe, type TriedProbe } from '../../probes/tried-probe.ts'
import type { Paint } from '../../text/paint.ts'

/** The probes: each that failed, why, and what to do; of the others only how many, unless `all` are asked for. */
export function probeLines(report: RunReport, all: boolean, paint: Paint): readonly string[] {
  const { probes } = report
  const tried = probes.filter(({ before }) => before)
  const good = tried.filter((probe) => !failureOf(probe))
  const quiet = !all && good.length > 0 && good.length === tried.length
  return [
    ...(all ? good.map((one) => `${paint('green', 'ok  ')}  ${describeTry(one)}`) : []),
    ...(quiet ? [`${paint('green', 'ok  ')}  ${countProbes(good)}`] : []),
    ...tried.flatMap((one) => failureLines(one, report, paint)),
    ...(tried.some((one) => stops(failureOf(one), report)) ? [withoutProbes] : []),
  ]
}

/** How to go on for a person who knows better than the probes. */
const withoutProbes = `   -> To run once without probes: -e '{"fw_probes":[]}'`

function stops(failure: Failure | undefined, report: RunReport): boolean {
  return failure !== undefined && !(failure.when === 'before' && forgivesProbes(report))
}

type Failure = Extract<ProbeResult, { kind: 'failed' }> & { readonly when: 'before' | 'after' }

function failureOf({ before, after }: TriedProbe): Failure | undefined {
  if (before?.kind === 'failed') return { ...before, when: 'before' }
  return after?.kind === 'failed' ? { ...after, when: 'after' } : undefined
}

function failureLines(tried: TriedProbe, report: RunReport, paint: Paint): readonly string[] {
  const failure = failureOf(tried)
  if (!failure) return []
  const { when, reason } = failure
  const forgiven = !stops(failure, report)
  const remedy = forgiven ? remedies.forgiven : (failure.remedy ?? remedyFor(when, report))
  const passed = when === 'after' ? ' (it had passed before)' : ''
  return [
    `${forgiven ? paint('yellow', 'warn') : paint('red', 'FAIL')}  ${describeProbe(tried.probe).replaceAll('\n', '\n      ')}`,
    `      failed ${when} the change${passed}: ${reason}`,
    `      defined at ${tried.places.join(', ')}`,
    `   -> ${remedy}`,
  ]
}

function remedyFor(when: Failure['when'], { goal, hosts }: RunReport): string {
  if (when === 'after') return goal === 'remove' ? remedies.afterRemoval : remedies.after
  const inForce = hosts.some(({ guards }) => guards.length > 0)
  return inForce ? `${remedies.before} ${remedies.inForce}` : remedies.before
}

const remedies = {
  before: 'Fix what this probe tests, or remove the probe from fw_probes.',
  inForce:
    'The guard is already active. Perhaps it stops this probe: `fw-run trace HOST --in INTERFACE --from IP --to IP` shows that. To let this probe reach pods, add the address from which it comes to fw_extra_members: usually an address of this jump host.',
  after:
    'fw-run rolls such a change back, so `fw-run trace` does not show what stopped the probe. If this probe must reach pods, add the address from which it comes to fw_extra_members: usually an address of this jump host.',
  afterRemoval:
    'fw-run puts the guard back. Fix what this probe tests, or remove the probe from fw_probes.',
  forgiven:
    '`fw-run remove` goes on, because the guard may be the cause. It does not try this probe again after the change.',
}

function describeTry({ probe, after }: TriedProbe): string {
  return `${describeProbe(probe)}: passed ${after ? 'before and after' : 'before'}`
}

function countProbes(probes: readonly TriedProbe[]): string {
  const count = `${probes.length} ${probes.length === 1 ? 'probe' : 'probes'}`
  return `${count} passed ${probes.every(({ after }) => after) ? 'before and after' : 'before'}`
}
