import type { CheckId } from '../check-names/check-list.ts'
import type { SessionFault } from '../ssh/session-fault.ts'
import { type Finding, fail, pass } from './check.ts'

const checks = {
  connect: 'connection',
  'host-key': 'host-key',
  login: 'login',
  become: 'root',
} as const satisfies Record<SessionFault['stage'], CheckId>

/**
 * What opening a session found: a pass for each stage that was reached, then the fault that ended it, if any. On this machine
 * there is neither a host key nor a login.
 */
export function sessionFindings(
  fault: SessionFault | undefined,
  isLocal = false,
): readonly Finding[] {
  const findings: Finding[] = []
  for (const [stage, id] of Object.entries(checks)) {
    if (isLocal && (stage === 'host-key' || stage === 'login')) continue
    if (fault?.stage === stage) {
      const { reason, remedy, unknownKey, silence } = fault
      const more = {
        ...(stage !== 'become' && { unreachable: true as const }),
        ...(silence && { silent: true as const }),
        ...(unknownKey && { unknownKey }),
      }
      return [...findings, { id, result: fail(reason, remedy), ...more }]
    }
    findings.push({ id, result: pass })
  }
  return findings
}
