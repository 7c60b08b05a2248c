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

/** Asks whether the change of so many hosts is to be kept; an objection unless somebody says yes in time. */
export async function askToKeep(
  hosts: readonly string[],
  seconds: number,
  run: Run,
  signal: AbortSignal,
): Promise<readonly Objection[]> {
  await run.settled()
  if (signal.aborted) return []
  const subject = hosts.length === 1 ? `${hosts[0]} is` : `All ${hosts.length} hosts are`
  const answer = await confirm(
    {
      statement: `${subject} changed and verified.`,
      question: (left) => `Keep the change? (y/N, taken back in ${left} s) `,
      seconds,
    },
    signal,
  )
  if (answer.kind === 'yes' || signal.aborted) return []
  return [{ kind: 'unconfirmed', reason: answer.reason }]
}
