import { randomBytes } from 'node:crypto'
import { typed } from '../../text/shell-quotes.ts'
import type { RootWay } from '../root-way.ts'
import { promptsOf } from './password-prompts.ts'

/** The one command of a session, and how to know what it prints. */
export interface RootCommand {
  /** One line for any login shell: no `!`, no variable, no expansion outside single quotes. */
  readonly text: string
  /** Matches on stdout once the root shell runs; its first group is the uid. */
  readonly ready: RegExp
  /** Matches on stderr where the root shell's own stderr begins: the two streams arrive in no fixed order. */
  readonly begin: RegExp
  /** Matches the end of stderr while the program waits for a password. */
  readonly prompt: RegExp
  /** The same once it has one. */
  readonly secondPrompt: RegExp
  /** On a terminal, the line that ends the root shell: a terminal without line mode knows no end of input. */
  readonly quit: string | undefined
}

/**
 * The command that turns a login into a root shell which reads stdin. The markers carry a nonce: no startup file prints
 * them by chance. On a terminal both streams are one; it neither echoes nor changes a byte.
 */
export function rootCommand(
  way: RootWay | 'none',
  hasPassword: boolean,
  onTerminal = false,
): RootCommand {
  const nonce = `fw-run-${randomBytes(8).toString('hex')}`
  const quit = `${nonce}-quit`
  const report = `echo ${nonce}-begin >&2; ${readUser}; echo ${nonce}-ready $user`
  const shell = onTerminal
    ? `${plainTerminal}; ${report}; ${pipedShell(quit)}`
    : `${report}; ${leadSession}; exec /bin/sh`
  const program = programOf(way, nonce, { hasPassword, onTerminal }, shell)
  const { first, later } = promptsOf(way, nonce)
  return {
    text: `exec ${before(way, nonce, onTerminal)}${program}`,
    ready: new RegExp(`${nonce}-ready (\\d+)\\r?\\n`),
    begin: new RegExp(`${nonce}-begin\\r?\\n`),
    prompt: first,
    secondPrompt: later,
    quit: onTerminal ? quit : undefined,
  }
}

/** The words before the program, which let it speak English. For su and doas, whose prompts carry no nonce, a line says that it starts. */
function before(way: RootWay | 'none', nonce: string, onTerminal: boolean): string {
  if (way === 'none') return ''
  if (way.method === 'sudo' && !onTerminal) return 'env LC_ALL=C '
  const prepared = onTerminal ? `${plainTerminal}; ` : ''
  return `/bin/sh -c '${prepared}echo ${nonce}-asks >&2; exec env LC_ALL=C "$@"' sh `
}

function programOf(
  way: RootWay | 'none',
  nonce: string,
  { hasPassword, onTerminal }: { readonly hasPassword: boolean; readonly onTerminal: boolean },
  shell: string,
): string {
  const command = `/bin/sh -c '${shell}'`
  if (way === 'none') return command
  const program = [way.program, ...way.options].map(typed).join(' ')
  switch (way.method) {
    // -S reads the password from stdin, and only if it asks.
    case 'sudo':
      return `${program} -H ${hasPassword ? `-S -p ${nonce}-password` : '-n'} -u root -- ${command}`
    // doas asks on a terminal only.
    case 'doas':
      return `${program}${hasPassword && onTerminal ? '' : ' -n'} -u root ${command}`
    case 'su':
      return `${program} -s ${command} root`
  }
}

/** What sets $user to the number of the effective user as `id -u` does, which would be one more process. */
const readUser =
  'while read -r key _ user _; do case $key in Uid:) break ;; esac; done </proc/self/status'

/**
 * Gives the shell a session of its own, as sshd does: some SSH servers and sudo give none, and an agent is ended with all that is in
 * its session. By `exec` this is no process more. One that leads its process group would need one: the agent is content with the group.
 */
const leadSession =
  'read -r me _ _ _ group _ </proc/self/stat; case $me in $group) ;; *) command -v setsid >/dev/null && exec setsid /bin/sh ;; esac'

/** Makes a terminal hand on every byte as it is, at once, without an echo. */
const plainTerminal = 'stty raw -echo'

/**
 * A shell that reads a pipe, in a session of its own: on a terminal it would be interactive, and a hangup would kill it.
 * What fills the pipe ends at the line `quit`, or when the terminal goes; it is killed when the shell ends first, by a signal of which no shell tells.
 */
function pipedShell(quit: string): string {
  const fill = `read -r pid _ </proc/self/stat; echo $pid; while IFS= read -r line; do case $line in ${quit}) break ;; esac; printf "%s\\n" "$line"; done`
  return `{ ${fill}; } | { read -r pid; setsid /bin/sh; code=$?; kill -s PIPE $pid 2>/dev/null; exit $code; }`
}
