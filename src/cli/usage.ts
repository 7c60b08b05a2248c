import type { Command } from 'commander'
import { nearest } from '../text/suggestion.ts'
import { hintForCommand, hintForOption } from './slips.ts'

/** What fw-run is for. */
export const description =
  'Protects pod networks: changes the firewall of all Kubernetes nodes at once, or of none.'

/** A complaint of commander's, with what was probably meant where fw-run knows better than commander. */
export function withHint(complaint: string): string {
  const [, kind, word = ''] = /^error: unknown (option|command) '([^']*)'/.exec(complaint) ?? []
  const hint = kind === 'option' ? hintForOption(word) : hintForCommand(word)
  return hint === undefined ? complaint : `error: unknown ${kind} '${word}'\n(${hint})\n`
}

/** Adds `help [command...]`. It refuses an unknown command, where commander's own would print the general help. */
export function addHelp(program: Command): void {
  program
    .command('help [command...]')
    .description('show the help of a command')
    .action((words: readonly string[]) => {
      let asked = program
      for (const [index, word] of words.entries()) {
        const found = asked.commands.find((one) => one.name() === word)
        if (!found) {
          const names = asked.commands.map((one) =>
            [...words.slice(0, index), one.name()].join(' '),
          )
          const name = words.slice(0, index + 1).join(' ')
          const [meant] = nearest(name, names)
          const hint = meant === undefined ? '' : `\n(Did you mean ${meant}?)`
          return program.error(`error: unknown command '${name}'${hint}`)
        }
        asked = found
      }
      return asked.help()
    })
}

/** What the general help says after its lists. */
export const afterHelp = `
Every option has an environment variable: --ask-pass is FW_RUN_ASK_PASS.

Exit codes:
  0    done, or nothing to do
  1    an error in the inventory, the keys or the journal; no host was changed.
       Or the output could not be written, and this command changes no host
       (without --check, apply, remove and hosts keep their exit code;
       recover always keeps it).
       Or a bug in fw-run (the message says so): then run fw-run status
  2    a host failed a check or a step, or a probe failed; every host is as
       before
  3    --check: hosts, or the inventory file of hosts add and hosts remove,
       would change.
       --settle: all hosts keep the change. But then a check failed. Or other
       programs changed the rules, so that the guard no longer works. Or
       fw-run could not read a host again.
       --tolerate-unreachable: fw-run left out hosts; the others are as wanted.
       hosts remove: fw-run could not log in to the host; the others are as
       wanted.
       status: a host is not protected, or its guard is not as the inventory
       says. Or another run is using a host, or has not finished there
  4    a host could not be reached, or refused the login. Or its host key is not
       known, has changed or is revoked. Every host is as before
  5    bad usage
  8    a rollback is not complete, a host did not confirm the change, or recover
       could not finish a run; the output names the hosts and the command to run
  130  you pressed Ctrl-C, or did not say yes (--ask, --confirm); every host is
       as before. Ctrl-C during --settle: every host keeps the change.
       Ctrl-C during recover: the last line names the hosts that are not
       finished. Ctrl-C ends status --watch with the code of its last look.
       If you press Ctrl-C twice before all hosts have committed, some hosts may
       have the change: run fw-run recover`
