import { setTimeout as delay } from 'node:timers/promises'
import type { Run } from '../../../runs/run.ts'

/** Waits some seconds after a wave, before the next one, unless the signal comes. */
export async function holdWave(
  names: readonly string[],
  seconds: number,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  run.emit({ kind: 'phase-started', phase: 'hold', hosts: names.length, names, seconds })
  await delay(seconds * 1000, undefined, { signal }).catch(() => undefined)
  if (!signal.aborted)
    for (const host of names) run.emit({ kind: 'host-done', phase: 'hold', host, ok: true })
  run.emit({ kind: 'phase-ended', phase: 'hold' })
}
