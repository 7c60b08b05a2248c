import type { SessionFault } from '../ssh/session-fault.ts'
import { type Finding, fail, pass } from './check.ts'

const stages = {
  connect: 'reachable',
  'host-key': 'host key known',
  login: 'may log in',
  become: 'may become root',
} as const satisfies Record<SessionFault['stage'], string>

/** What opening a session found: a pass for each stage that was reached, and the fault at the one that was not. */
export function sessionFindings(fault: SessionFault | undefined): readonly Finding[] {
  const findings: Finding[] = []
  for (const [stage, title] of Object.entries(stages)) {
    if (fault?.stage === stage) {
      const result = fail(fault.reason, fault.remedy)
      return [...findings, { title, result, ...(stage !== 'become' && { unreachable: true }) }]
    }
    findings.push({ title, result: pass })
  }
  return findings
}
