import { connect } from 'node:net'
import { addressAttemptMs } from '../limits.ts'
import { networkFault } from './network-fault.ts'
import { type ProbeResult, passed } from './probe-result.ts'

/** Whether a new TCP connection is accepted. Says nothing on it. The signal ends the try without an answer of its own. */
export function tryTcp(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamilyAttemptTimeout: addressAttemptMs })
    const settle = (answer: ProbeResult): void => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(answer)
    }
    const onAbort = (): void => settle({ kind: 'failed', reason: 'aborted' })
    socket.once('connect', () => settle(passed))
    // For good: an error that nobody hears ends the process.
    socket.on('error', (error) => settle(networkFault(error)))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}
