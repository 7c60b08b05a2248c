import { setTimeout as delay } from 'node:timers/promises'

const maxPauseMs = 1000

/**
 * Waits before a connection that sshd dropped is tried again: longer after each try, up to a second. Half of it more or
 * less is random, so that connections through one address are not all tried again at once. The signal ends the wait.
 */
export async function retryPause(tries: number, signal: AbortSignal): Promise<void> {
  const pause = Math.min(100 * 2 ** tries, maxPauseMs) * (0.5 + Math.random())
  await delay(pause, undefined, { signal }).catch(() => undefined)
}
