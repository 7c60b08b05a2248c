import { setTimeout as delay } from 'node:timers/promises'
import { retryPauseMs } from '../limits.ts'

/**
 * Makes attempts, with a pause between two of them, until one is `final`. Gives back the last one: after `milliseconds`, or
 * once the signal is aborted, there is no other. There is always a first.
 */
export async function keepTrying<T>(
  attempt: () => Promise<T>,
  final: (result: T) => boolean,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<T> {
  const end = performance.now() + milliseconds
  for (;;) {
    const result = await attempt()
    if (final(result) || signal?.aborted || performance.now() + retryPauseMs > end) return result
    await delay(retryPauseMs, undefined, { signal }).catch(() => undefined)
    if (signal?.aborted) return result
  }
}
