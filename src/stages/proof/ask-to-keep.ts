import { FwRunError } from '../../errors.ts'
import { confirm } from '../../prompt/confirm.ts'
import { canAsk } from '../../prompt/terminal.ts'
import type { Objection } from '../../transaction/outcome.ts'
import type { Run } from '../run.ts'
import type { RunSettings } from '../settings.ts'

/** Throws a `usage` fault where `--confirm` will ask and there is no terminal to ask on. To be called before all else. */
export function demandSomebody({
  confirm: seconds,
  check,
}: Pick<RunSettings, 'confirm'> & { readonly check: boolean }): void {
  if (seconds === undefined || check || canAsk()) return
  throw new FwRunError(
    'usage',
    '--confirm asks on the terminal, and there is none: stdin and stderr must both be one. Nothing was connected to.',
    { remedy: 'Run it on a terminal (ssh -t, for one), or without --confirm and FW_RUN_CONFIRM.' },
  )
}

/** What somebody is asked about: the hosts that were changed, and in lines what was done there. */
interface MadeChange {
  readonly hosts: readonly string[]
  readonly shown: readonly string[]
}

/** Shows a change and asks whether it is to be kept; an objection unless somebody says yes within so many seconds. */
export async function askToKeep(
  { hosts, shown }: MadeChange,
  seconds: number,
  run: Run,
  signal: AbortSignal,
): Promise<readonly Objection[]> {
  await run.settled()
  if (signal.aborted) return []
  const subject = hosts.length === 1 ? `${hosts[0]} is` : `All ${hosts.length} hosts are`
  const answer = await confirm(
    {
      statement: ['CHANGED', ...shown, '', `${subject} changed and verified.`].join('\n'),
      question: (left) => `Keep the change? (y/N, taken back in ${left} s) `,
      seconds,
    },
    signal,
  )
  if (answer.kind === 'yes' || signal.aborted) return []
  return [{ kind: 'unconfirmed', reason: answer.reason }]
}
