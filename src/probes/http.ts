import type { IncomingMessage } from 'node:http'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { addressAttemptMs } from '../limits.ts'
import { printable } from '../text/printable.ts'
import { networkFault } from './network-fault.ts'
import { failed, type ProbeResult, passed } from './probe-result.ts'

const options = {
  agent: false,
  headers: { 'user-agent': 'fw-run' },
  autoSelectFamilyAttemptTimeout: addressAttemptMs,
}

/**
 * Passes if a GET is answered with a status of 200 to 399; redirects are not followed. Always on a new connection: rules
 * that stop new connections let open ones through. (`fetch` keeps connections, and refuses some ports.)
 */
export function tryHttp(url: string, signal: AbortSignal): Promise<ProbeResult> {
  const get = new URL(url).protocol === 'https:' ? getSecure : getPlain
  return new Promise((resolve) => {
    const request = get(url, { ...options, signal })
    request.once('response', (response) => {
      resolve(judge(response))
      request.destroy()
    })
    // For good: an error that nobody hears ends the process.
    request.on('error', (error) => resolve(networkFault(error)))
  })
}

function judge({ statusCode = 0, statusMessage = '' }: IncomingMessage): ProbeResult {
  if (statusCode >= 200 && statusCode < 400) return passed
  return failed(printable(`HTTP ${statusCode} ${statusMessage}`))
}
