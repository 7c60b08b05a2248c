import { setTimeout as delay } from 'node:timers/promises'
import { FwRunError } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { passwordPrompt, rememberingPrompt } from '../prompt/password.ts'
import { changesOfProtection } from '../report/protection-changes.ts'
import type { Run } from '../runs/run.ts'
import type { StandIns } from '../ssh/bastion-by-login.ts'
import { choosingOnce } from './choose-interface.ts'
import { type LookSettings, lookWith } from './look.ts'

/**
 * Looks again and again, with a pause of some seconds, until it is interrupted. It tells what the first look finds, and each
 * change since. `seen` gets every look. It asks once for what it needs. Returns the last look. An inventory that cannot be read any
 * more is warned of, and read again at the next look. If that was the last one, its fault is thrown: nobody knows how the hosts are.
 */
export async function watchHosts(
  settings: LookSettings,
  pause: number,
  seen: (report: RunReport) => Promise<void>,
  run: Run,
): Promise<RunReport> {
  const prompt = rememberingPrompt(passwordPrompt(run.signal))
  const choose = choosingOnce()
  const standIns: StandIns = new Map()
  const { first, later, turn } = ears(run)
  let last: RunReport | undefined
  let fault: FwRunError | undefined
  while (!last || !run.signal.aborted) {
    try {
      turn()
      const now = await lookWith(settings, last ? later : first, choose, prompt, standIns)
      if (run.signal.aborted) return last ?? now
      for (const change of changesOfProtection(last, now)) run.emit(change)
      last = now
      fault = undefined
      await seen(now)
    } catch (error) {
      if (!last || !(error instanceof FwRunError)) throw error
      if (error.code === 'interrupted') break
      fault = error
      later.emit({ kind: 'warning', message: error.message })
    }
    await delay(pause * 1000, undefined, { signal: run.signal }).catch(() => undefined)
  }
  if (fault) throw fault
  return last
}

/** The run as it is heard of at the first look, and at later ones: then only by warnings that the look before did not give. */
function ears(run: Run): { readonly first: Run; readonly later: Run; readonly turn: () => void } {
  let before = new Set<string>()
  let now = new Set<string>()
  const hear = (event: RunEvent): boolean => {
    if (event.kind !== 'warning') return false
    now.add(event.message)
    return !before.has(event.message)
  }
  return {
    first: {
      ...run,
      emit(event) {
        hear(event)
        run.emit(event)
      },
    },
    later: {
      ...run,
      emit(event) {
        if (hear(event)) run.emit(event)
      },
    },
    turn() {
      before = now
      now = new Set()
    },
  }
}
