import type { HostAccess } from '../host-access.ts'
import { readLogOfSshd, type SessionFault } from '../session-fault.ts'

/** Why there is no root shell, as far as the words of the host say. */
export type RootRefusal =
  | 'wrong-password'
  | 'password-needed'
  | 'no-sudo-right'
  | 'no-sudo'
  | 'needs-tty'
  | 'account-expired'
  | 'no-login-shell'
  | 'unknown'

const WORDS: readonly (readonly [RootRefusal, RegExp])[] = [
  // First: sudo tells the owner of an expired password to reset it "and try again".
  ['account-expired', /password (?:has |is )?expired|account .*(?:expired|locked)/i],
  ['no-sudo-right', /not in the sudoers file|is not allowed to (?:execute|run)|afraid I can't do/i],
  ['wrong-password', /try again|incorrect (?:password|authentication) attempt/i],
  ['password-needed', /a password is required|interactive authentication is required/i],
  ['needs-tty', /must have a tty/i],
  ['no-sudo', /sudo['’]?: (?:No such file|command not found|not found)/i],
  ['no-login-shell', /account is currently not available/i],
]

/** The one place that knows the words of sudo, sudo-rs, PAM and nologin; `output` is stderr and stdout. */
export function recogniseRootRefusal(output: string): RootRefusal {
  return WORDS.find(([, words]) => words.test(output))?.[0] ?? 'unknown'
}

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
        'Check on the host which program runs as sudo.',
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
    `${readLogOfSshd} Often it is MaxSessions, or a PAM session module.`,
  )
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'become', reason, remedy }
}
