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
