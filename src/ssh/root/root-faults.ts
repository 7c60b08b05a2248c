import type { HostAccess } from '../host-access.ts'
import type { RootWay } from '../root-way.ts'
import { readLogOfSshd, type SessionFault } from '../session-fault.ts'

/** Why there is no root shell, as far as the words of the host say. */
export type RootRefusal =
  | 'wrong-password'
  | 'password-needed'
  | 'no-right'
  | 'not-installed'
  | 'needs-terminal'
  | 'account-expired'
  | 'no-login-shell'
  | 'unknown'

const WORDS: readonly (readonly [RootRefusal, RegExp])[] = [
  // First: sudo tells the owner of an expired password to reset it "and try again".
  ['account-expired', /password (?:has |is )?expired|account .*(?:expired|locked)/i],
  [
    'no-right',
    /not in the sudoers file|is not allowed to (?:execute|run)|afraid I can't do|doas: Operation not permitted|doas is not enabled|doas\.conf: No such|su: Permission denied/i,
  ],
  [
    'wrong-password',
    /try again|incorrect (?:password|authentication) attempt|doas: Authentication failed|doas: Authorization failed|su: Authentication (?:failure|service cannot)|su: incorrect password/i,
  ],
  [
    'password-needed',
    /a password is required|interactive authentication is required|doas: Auth\w+ required/i,
  ],
  [
    'needs-terminal',
    /must have a tty|a tty is required|must be run from a terminal|standard in must be a tty/i,
  ],
  ['not-installed', /(?:^|\n)env: .*(?:No such file|not found)|command not found/i],
  ['no-login-shell', /account is currently not available/i],
]

/** The one place that knows the words of sudo, sudo-rs, su, doas, PAM and nologin; `output` is stderr and stdout. */
export function recogniseRootRefusal(output: string): RootRefusal {
  return WORDS.find(([, words]) => words.test(output))?.[0] ?? 'unknown'
}

/** Says why a login did not become root; `words` is the last line the host printed, if any. */
export function rootFault(
  refusal: RootRefusal,
  { user, become, becomePassword, local }: HostAccess,
  words: string,
): SessionFault {
  const method = become === 'none' ? 'sudo' : become.method
  const program = programOf(become)
  // su takes the password of the user that one becomes.
  const owner = method === 'su' ? 'root' : user
  switch (refusal) {
    case 'wrong-password':
      return fault(
        `${program} refused the password of ${owner}. fw-run sent it only once.`,
        `If the inventory has ansible_become_password, correct it there: it overrides -K. Otherwise run the same command again with -K, and type the right ${method} password.`,
      )
    case 'password-needed':
      return fault(
        method === 'sudo'
          ? `${program} asks for a password of ${user}, or does not know that user.`
          : `${program} asks for the password of ${owner}.`,
        becomePassword && method === 'sudo'
          ? `See on the host what the user may do: sudo -l -U ${user}`
          : withPassword(method, user),
      )
    case 'no-right':
      return fault(
        `${user} has no right to become root by ${program} (${words}).`,
        rightOf(method, user),
      )
    case 'not-installed':
      return fault(
        `${program} is not installed on the host.`,
        `Install ${method}, set ansible_become_method to sudo, su or doas, or log in as root.`,
      )
    case 'needs-terminal':
      if (local) {
        return fault(
          `${program} needs a terminal, but fw-run opens no terminal on its own machine.`,
          withoutTerminal(method, user),
        )
      }
      return fault(
        `${program} needs a terminal${method === 'sudo' ? ' (requiretty)' : ''}, and sshd on the host gives none.`,
        method === 'sudo'
          ? `Add to sudoers with visudo: Defaults:${user} !requiretty`
          : 'Set PermitTTY yes in sshd_config, and delete no-pty from authorized_keys.',
      )
    case 'account-expired':
      return fault(
        `The account or the password of ${owner} has expired, or the account is locked (${words}).`,
        `On the host, \`chage -l ${owner}\` shows the dates. New password: \`passwd ${owner}\`. New date of the account: \`chage -E -1 ${owner}\`. Unlock: \`usermod -U ${owner}\`.`,
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
        local
          ? `Check whether ${user} can become root here by ${program}; or run fw-run as root.`
          : 'Check the login shell of the user, its startup files, and ForceCommand in sshd_config.',
      )
  }
}

function programOf(become: HostAccess['become']): string {
  return become === 'none' ? 'sudo' : become.program
}

/** How to become root where a password is needed. */
function withPassword(method: RootWay['method'], user: string): string {
  switch (method) {
    case 'sudo':
      return `Run with -K to give the sudo password. Or let ${user} use sudo without a password. With visudo, add: ${user} ALL=(root) NOPASSWD: ALL`
    case 'doas':
      return `Run with -K to give the doas password. Or let ${user} use doas without a password. To doas.conf, add: permit nopass ${user} as root`
    case 'su':
      return 'Run with -K, and type the password of root.'
  }
}

/** What to do where there is no terminal. */
function withoutTerminal(method: RootWay['method'], user: string): string {
  switch (method) {
    case 'sudo':
      return `Add to sudoers with visudo: Defaults:${user} !requiretty. Or run fw-run as root, with SSH keys of root.`
    case 'doas':
      return `Add to doas.conf: permit nopass ${user} as root. Or run fw-run as root, with SSH keys of root.`
    case 'su':
      return 'Run fw-run as root, with SSH keys of root.'
  }
}

function rightOf(method: RootWay['method'], user: string): string {
  switch (method) {
    case 'sudo':
      return `Add to sudoers with visudo: ${user} ALL=(root) ALL`
    case 'doas':
      return `Add to doas.conf: permit ${user} as root`
    case 'su':
      return 'See /etc/pam.d/su on the host: pam_wheel may let only one group use su.'
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
        `${become.program} gave ${user} the uid ${uid}, not root.`,
        `On the host, \`command -v ${become.program}\` shows which file that program is. It must make ${user} root.`,
      )
}

/** The fault of a host whose root shell did not answer in time. */
export function rootTimeoutFault(
  seconds: number,
  { become }: HostAccess,
  passwordSent: boolean,
  words: string,
): SessionFault {
  const said = words ? ` Its last output was "${words}".` : ''
  const program = programOf(become)
  return passwordSent
    ? fault(
        `${program} took the password but did not answer within ${seconds} s.${said}`,
        'PAM or a directory service on the host may hang. For a slow host raise --timeout.',
      )
    : fault(
        `The login did not become root within ${seconds} s.${said}`,
        `A startup file of the login shell may wait for input. Or ${program} waits for DNS or a directory service. For a slow host raise --timeout.`,
      )
}

/** The fault of a host that ended the connection, or refused a channel, before there was a root shell. */
export function brokenRootFault(why: string, { local }: Pick<HostAccess, 'local'>): SessionFault {
  return fault(
    `The session ended before there was a root shell (${why}).`,
    local
      ? 'Check on this machine that /bin/sh runs, and that `ulimit -u` allows more processes.'
      : `${readLogOfSshd} Often the cause is MaxSessions, or a PAM session module.`,
  )
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'become', reason, remedy }
}
