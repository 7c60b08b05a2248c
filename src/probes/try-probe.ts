import { setTimeout as delay } from 'node:timers/promises'
import type { Probe } from '../inventory/probe.ts'
import { maxProbeTries, retryPauseMs } from '../limits.ts'
import { startTimeLimit } from '../time-limit.ts'
import { tryCommand } from './command.ts'
import { tryHttp } from './http.ts'
import { failed, type ProbeResult } from './probe-result.ts'
import { tryTcp } from './tcp.ts'

/**
 * Tries a probe, a few times with a pause between, for `timeoutSeconds` each. Resolves with the answer of the
 * first try that passes or else of the last, at once when the signal comes. Never rejects.
 */
export async function tryProbe(
  probe: Probe,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  for (let tries = 1; ; tries++) {
    const answer = await tryOnce(probe, timeoutSeconds, signal)
    if (answer.kind === 'passed' || tries === maxProbeTries || signal.aborted) return answer
    await delay(retryPauseMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return answer
  }
}

async function tryOnce(
  probe: Probe,
  seconds: number,
  interrupt: AbortSignal,
): Promise<ProbeResult> {
  const limit = startTimeLimit(seconds, interrupt)
  try {
    const answer = await dispatch(probe, limit.signal)
    if (answer.kind === 'passed' || !limit.signal.aborted) return answer
    return limit.signal.reason === 'timeout' ? failed(`timed out after ${seconds} s`) : interrupted
  } catch (error) {
    return failed(`cannot be tried: ${error instanceof Error ? error.message : error}`)
  } finally {
    limit.dispose()
  }
}

const interrupted = failed('interrupted')

function dispatch(probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  switch (probe.kind) {
    case 'tcp':
      return tryTcp(probe.host, probe.port, signal)
    case 'http':
      return tryHttp(probe.url, signal)
    case 'command':
      return tryCommand(probe.command, signal)
  }
}
