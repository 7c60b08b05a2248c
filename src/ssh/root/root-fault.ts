import type { HostAccess } from '../host-access.ts'
import type { SessionFault } from '../session-fault.ts'
import type { RootRefusal } from './sudo-refusal.ts'

/** Says why a login did not become root; `words` is the last line the host printed, if any. */
export function rootFault(
  refusal: RootRefusal,
  { user, becomePassword }: HostAccess,
  words: string,
): SessionFault {
  switch (refusal) {
    case 'wrong-password':
      return fault(
        `sudo refused the password of ${user}. fw-run sent it only once.`,
        'Run again with -K and the right sudo password.',
      )
    case 'password-needed':
      return fault(
        `sudo asks for a password of ${user}, or does not know that user.`,
        becomePassword
          ? `See on the host what the user may do: sudo -l -U ${user}`
          : `Run with -K to give the sudo password, or allow it without one: ${user} ALL=(root) NOPASSWD: ALL`,
      )
    case 'no-sudo-right':
      return fault(
        `${user} has no right to become root by sudo (${words}).`,
        `Add to sudoers with visudo: ${user} ALL=(root) ALL`,
      )
    case 'no-sudo':
      return fault('sudo is not installed on the host.', 'Install sudo, or log in as root.')
    case 'needs-tty':
      return fault(
        'sudo on the host requires a terminal (requiretty).',
        `Add to sudoers with visudo: Defaults:${user} !requiretty`,
      )
    case 'account-expired':
      return fault(
        `The account of ${user} is locked, or its password has expired (${words}).`,
        `Run on the host: chage -l ${user}, then renew the password: passwd ${user}`,
      )
    case 'no-login-shell':
      return fault(
        `${user} cannot run commands: the login shell is nologin.`,
        `Log in as another user, or give this one a shell: usermod -s /bin/sh ${user}`,
      )
    case 'unknown':
      return fault(
        words
          ? `No root shell: the host said "${words}".`
          : 'No root shell: the host ended the command and printed nothing.',
        'Check the login shell of the user, its startup files, and ForceCommand in sshd_config.',
      )
  }
}

/** The fault of a login whose shell is not root's. */
export function notRootFault({ user, become }: HostAccess, uid: string): SessionFault {
  return become === 'none'
    ? fault(
        `${user} is not root (uid ${uid}).`,
        'Set ansible_become: true to become root by sudo, or log in as root.',
      )
    : fault(
        `sudo gave ${user} the uid ${uid}, not root.`,
        'Check which program sudo is on the host.',
      )
}

/** The fault of a host whose root shell did not answer in time. */
export function rootTimeoutFault(
  seconds: number,
  passwordSent: boolean,
  words: string,
): SessionFault {
  const said = words ? ` Its last output was "${words}".` : ''
  return passwordSent
    ? fault(
        `sudo took the password but did not answer within ${seconds} s.${said}`,
        'PAM or a directory service on the host may hang. For a slow host raise --timeout.',
      )
    : fault(
        `The login did not become root within ${seconds} s.${said}`,
        'A startup file of the login shell may wait for input. Or sudo waits for DNS or a directory service. For a slow host raise --timeout.',
      )
}

/** The fault of a host that ended the connection, or refused a channel, before there was a root shell. */
export function brokenRootFault(why: string): SessionFault {
  return fault(
    `The session ended before there was a root shell (${why}).`,
    'Read why in the log of sshd on the host (MaxSessions, PAM session modules).',
  )
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'become', reason, remedy }
}
