import type { Plan } from '../plan/plan.ts'
import type { Finding } from '../preflight/check.ts'
import { clusterIpsClosed } from '../preflight/cluster-ips.ts'
import { ourRules, positionExists } from '../preflight/planned.ts'
import { publishedPorts } from '../preflight/published-ports.ts'

/**
 * What checks found, but for passes that say nothing: a check that asks about the plan passes as well where the plan was
 * refused before it came to that.
 */
export function judgedFindings(findings: readonly Finding[], plan: Plan): readonly Finding[] {
  if (plan.kind === 'planned') return findings
  const open = openAfter[plan.over]
  return findings.map((finding) =>
    finding.verdict.kind === 'pass' && open.includes(finding.title)
      ? { ...finding, verdict: { kind: 'unjudged', reason: reasons[plan.over] } }
      : finding,
  )
}

const ofPlace = [clusterIpsClosed.title, publishedPorts.title]

/** The checks that a plan leaves open which ends there: it looks at the set first, then at our rules, then for a place. */
const openAfter: Readonly<Record<Refusal['over'], readonly string[]>> = {
  set: [...ofPlace, ourRules.title, positionExists.title],
  rules: [...ofPlace, positionExists.title],
  position: ofPlace,
}

const reasons: Readonly<Record<Refusal['over'], string>> = {
  set: 'nothing is planned while the name of the set is not free',
  rules: 'nothing is planned while our rules cannot be told',
  position: 'there is no place for our rule',
}

type Refusal = Extract<Plan, { kind: 'refused' }>
