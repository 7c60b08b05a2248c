import type { HostAccess } from '../host-access.ts'
import type { SessionFault } from '../session-fault.ts'
import type { ConnectStep } from './connect-cause.ts'
import { whereIs } from './connect-fault.ts'

/** The fault of a host that was not connected in time, by the step that it had reached. */
export function timeoutFault(
  step: ConnectStep,
  access: HostAccess,
  timeoutSeconds: number,
): SessionFault {
  const where = whereIs(access)
  const within = `within ${timeoutSeconds} s`
  switch (step) {
    case 'dialling':
      return {
        ...fault(
          `${where} did not answer ${within}.`,
          'Check the address and that the host is up. A firewall may drop the packets. For a slow link raise --timeout.',
        ),
        ...(toldOfConnecting(access) && { silence: 'no-answer' }),
      }
    case 'awaiting-banner':
      return fault(
        `${where} accepted the connection but sent no SSH banner ${within}.`,
        'Check that sshd listens on that port and is not overloaded. For a slow host raise --timeout.',
      )
    case 'exchanging-keys':
      return fault(
        `${where} did not finish the SSH key exchange ${within}.`,
        'The host is overloaded, or large packets are lost on the way (MTU). For a slow host raise --timeout.',
      )
    case 'logging-in':
      return {
        stage: 'login',
        reason: `${where} did not finish the login as ${access.user} ${within}.`,
        remedy:
          'The directory service, DNS or PAM of that host may hang. For a slow host raise --timeout.',
      }
  }
}

/** The fault of a host whose session was not open yet when the run was interrupted. */
export function interruptedFault(stage: SessionFault['stage']): SessionFault {
  return {
    stage,
    reason: 'Interrupted before the session was open.',
    remedy: 'Run the same command again.',
  }
}

/** Whether we hear when a connection is there: ssh does not say it of one that a bastion or a ProxyCommand makes. */
function toldOfConnecting({ openssh, via }: HostAccess): boolean {
  return !openssh || !(via || openssh.proxyCommand !== undefined)
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'connect', reason, remedy }
}
