import type { Participant, Terms } from './participant.ts'

/**
 * Works on a host. Once the run is interrupted, the host has `afterInterrupt` milliseconds to end; then its session is
 * ended, and it rolls back by itself. So a host that is silent does not keep the others from their rollback.
 */
export async function unlessInterrupted<T>(
  { agent }: Participant,
  { signal, afterInterrupt }: Pick<Terms, 'afterInterrupt'> & { readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const giveTime = (): void => {
    timer = setTimeout(
      () =>
        agent.end('fw-run ended the session: the run was interrupted, and the host did not answer'),
      afterInterrupt,
    )
  }
  signal.addEventListener('abort', giveTime, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', giveTime)
    clearTimeout(timer)
  }
}
