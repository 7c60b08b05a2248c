import { setTimeout as delay } from 'node:timers/promises'
import type { Probe } from '../inventory/probe.ts'
import { maxProbeTries, retryPauseMs } from '../limits.ts'
import { startTimeLimit } from '../waiting/time-limit.ts'
import { tryCommand } from './command.ts'
import { tryHttp } from './http.ts'
import { failed, type ProbeResult } from './probe-result.ts'
import { tryTcp } from './tcp.ts'

/**
 * Tries a probe a few times, for `timeoutSeconds` each, with a pause between. Resolves with the result of the first try
 * that passes, else of the last try; at once when the signal comes. Never rejects.
 */
export async function tryProbe(
  probe: Probe,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  for (let tries = 1; ; tries++) {
    const result = await tryOnce(probe, timeoutSeconds, signal)
    if (result.kind === 'passed' || tries === maxProbeTries || signal.aborted) return result
    await delay(retryPauseMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return result
  }
}

async function tryOnce(
  probe: Probe,
  seconds: number,
  interrupt: AbortSignal,
): Promise<ProbeResult> {
  const timeLimit = startTimeLimit(seconds, interrupt)
  try {
    const result = await dispatch(probe, timeLimit.signal)
    if (result.kind === 'passed' || !timeLimit.signal.aborted) return result
    return timeLimit.signal.reason === 'timeout'
      ? failed(`timed out after ${seconds} s`)
      : interrupted
  } catch (error) {
    return failed(`cannot be tried: ${error instanceof Error ? error.message : error}`)
  } finally {
    timeLimit.dispose()
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
