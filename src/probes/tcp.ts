import { connect } from 'node:net'
import { addressAttemptMs } from '../limits.ts'
import { networkFault } from './network-fault.ts'
import { type ProbeResult, passed } from './probe-result.ts'

/** Passes if a new TCP connection is accepted, without a word on it. The signal ends the try. */
export function tryTcp(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamilyAttemptTimeout: addressAttemptMs })
    const done = (result: ProbeResult): void => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(result)
    }
    const onAbort = (): void => done({ kind: 'failed', reason: 'aborted' })
    socket.once('connect', () => done(passed))
    // For good: an error that nobody hears ends the process.
    socket.on('error', (error) => done(networkFault(error)))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}
