/** Counts of processes: `forks` began, `programs` became another program. */
export interface Started {
  readonly forks: number
  readonly programs: number
}

/** The arguments of strace(1) that trace a process and all that it starts from now on into a file. */
export function straceArguments(pid: string, file: string): readonly string[] {
  return ['-f', '-qq', '-s0', '-e', 'trace=process', '-e', 'signal=none', '-o', file, '-p', pid]
}

const line = /^(\d+) +(?:<\.\.\. )?(execve|clone3?|fork|vfork)\b.*= (\d+)(?: |$)/

/**
 * What was started, as a trace tells. What waits does not count, because it depends on time: a `sleep`, and, where the
 * agent's own process is known, what another one starts after its first `sleep`, as the agent's clock and its watchdog do.
 */
export function startedIn(trace: string, agent?: number): Started {
  const sleepers = new Set(
    [...trace.matchAll(/^(\d+) +execve\("[^"]*\/sleep"/gm)].map(([, pid]) => Number(pid)),
  )
  const waiting = new Set(sleepers)
  let forks = 0
  let programs = 0
  for (const [, by, call, result] of matches(trace)) {
    const pid = Number(by)
    if (waiting.has(pid)) {
      if (call !== 'execve') waiting.add(Number(result))
      continue
    }
    if (call === 'execve') programs++
    else if (!sleepers.has(Number(result))) forks++
    else if (agent !== undefined && pid !== agent) waiting.add(pid)
  }
  return { forks, programs }
}

function matches(trace: string): readonly RegExpExecArray[] {
  return trace
    .split('\n')
    .map((text) => line.exec(text))
    .filter((found) => found !== null)
}
