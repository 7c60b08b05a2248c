import { randomBytes } from 'node:crypto'
import type { HostAccess } from '../host-access.ts'

/** The one command of a session, and how to know what it prints. */
export interface RootCommand {
  /** One line for any login shell: no `!`, no variable, no expansion outside single quotes. */
  readonly text: string
  /** Matches on stdout once the root shell runs; its first group is the uid. */
  readonly ready: RegExp
  /** Matches on stderr where the root shell's own stderr begins: the two streams arrive in no fixed order. */
  readonly begin: RegExp
  /** Matches the end of stderr while sudo waits for a password. */
  readonly prompt: RegExp
}

/**
 * The command that turns a login into a root shell which reads stdin. The markers carry a nonce: no startup file prints
 * them by chance.
 */
export function rootCommand(become: HostAccess['become'], hasPassword: boolean): RootCommand {
  const nonce = `fw-run-${randomBytes(8).toString('hex')}`
  const shell = `/bin/sh -c 'echo ${nonce}-begin >&2; ${readUser}; echo ${nonce}-ready $user; exec /bin/sh'`
  // -S reads the password from stdin, and only if it asks; env makes sudo speak English.
  const ask = hasPassword ? `-S -p ${nonce}-password` : '-n'
  return {
    text:
      become === 'sudo' ? `exec env LC_ALL=C sudo -H ${ask} -u root -- ${shell}` : `exec ${shell}`,
    ready: new RegExp(`${nonce}-ready (\\d+)\\r?\\n`),
    begin: new RegExp(`${nonce}-begin\\r?\\n`),
    // sudo-rs prints "[sudo: PROMPT] Password: ". A login shell under "set -x" prints the whole command,
    // which goes on after the nonce. fw-run must not answer that with the password.
    prompt: new RegExp(`${nonce}-password(?:\\][^\\n]{0,40})?$`),
  }
}

/** What sets $user to the number of the effective user as `id -u` does, which would be one more process. */
const readUser =
  'while read -r key _ user _; do case $key in Uid:) break ;; esac; done </proc/self/status'
