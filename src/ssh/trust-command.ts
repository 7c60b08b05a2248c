import { dirname } from 'node:path'
import { givenHome } from '../jump-host/own-home.ts'
import { printable } from '../text/printable.ts'
import { quote, typed } from '../text/shell-quotes.ts'

/** The shell command that adds lines to a known_hosts file: each as a line of its own, even where the file does not end with a newline. */
export function trustCommand(file: string, lines: readonly string[]): string {
  return `mkdir -p ${shown(dirname(file))} && printf '\\n%s\\n' ${lines.map(quote).join(' ')} >> ${shown(file)}`
}

/** A sentence on who can change a known_hosts file: one for all users, such as /etc/ssh/ssh_known_hosts, mostly belongs to root. */
export function mayNeedRoot(file: string): string {
  return file.startsWith(`${givenHome()}/`)
    ? ''
    : ` You may have to be root to change ${printable(file)}.`
}

function shown(path: string): string {
  const home = givenHome()
  const word = typed(path)
  return word === path && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : word
}
