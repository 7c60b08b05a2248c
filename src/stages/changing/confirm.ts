import { FwRunError } from '../../errors.ts'
import { confirm } from '../../prompt/confirm.ts'
import { canAsk } from '../../prompt/terminal.ts'
import type { Run } from '../../runs/run.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import { countHosts } from '../../text/host-list.ts'
import { wrapLines } from '../../text/wrap.ts'
import type { Objection } from '../../transaction/outcome.ts'

/** Throws a `usage` fault if `--ask` or `--confirm` is to ask and there is no terminal to ask on. The first stage of all. */
export function demandTerminal({
  ask,
  confirm: seconds,
  check,
}: Pick<RunSettings, 'ask' | 'confirm'> & { readonly check: boolean }): void {
  if ((!ask && seconds === undefined) || check || canAsk()) return
  const name = ask ? 'ask' : 'confirm'
  throw new FwRunError(
    'usage',
    `--${name} needs a terminal: stdin and stderr must both be a terminal. fw-run connected to no host.`,
    {
      remedy: `Run it on a terminal (for example with \`ssh -t\`), or without --${name} and FW_RUN_${name.toUpperCase()}.`,
    },
  )
}

/** What somebody is asked about: the changed hosts, and lines that say what was found and done there. */
interface MadeChange {
  readonly hosts: readonly string[]
  readonly shown: readonly string[]
  /** The wave that follows a yes; unset: the decision follows. */
  readonly next: WaveToCome | undefined
}

/** A wave that is to come: its number, from 1, of how many, and how many hosts it has. */
export interface WaveToCome {
  readonly wave: number
  readonly of: number
  readonly hosts: number
}

/** Whether somebody was asked, and an objection unless the answer was yes. */
export interface Asked {
  readonly asked: boolean
  readonly objections: readonly Objection[]
}

/** Shows a change and asks whether to keep it. An objection unless somebody says yes within these seconds. */
export async function askToKeep(
  { hosts, shown, next }: MadeChange,
  seconds: number,
  run: Run,
  signal: AbortSignal,
): Promise<Asked> {
  await run.flushed()
  if (signal.aborted) return { asked: false, objections: [] }
  const subject = hosts.length === 1 ? `${hosts[0]} is` : `All ${hosts.length} hosts are`
  const which = next ? `Wave ${next.wave - 1} of ${next.of}: ` : ''
  const lines = [...shown.map(run.withFlags), '', `${which}${subject} changed and verified.`]
  const question = next
    ? `Go on with wave ${next.wave} (${countHosts(next.hosts)})?`
    : 'Keep the change?'
  const otherwise = next ? 'roll back all' : 'roll back'
  const answer = await confirm(
    {
      statement: wrapLines(lines, process.stderr.columns).join('\n'),
      question: (left) => `${question} (y/N; no answer in ${left} s: ${otherwise}) `,
      seconds,
    },
    signal,
  )
  if (answer.kind === 'yes' || signal.aborted) return { asked: true, objections: [] }
  return { asked: true, objections: [{ kind: 'unconfirmed', reason: answer.reason }] }
}
