import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * How many test files at once. Hosts start processes by the thousand, and a machine that starts them slowly must not be
 * asked for more at once: sessions would be late that no real host would lose.
 */
export function measureWorkers(): number {
  const milliseconds = Math.min(...[1, 2, 3].map(millisecondsToStart))
  return Math.round(Math.min(6, Math.max(2, (4 * availableParallelism()) / milliseconds)))
}

/** How long the machine takes to start a process, and to end it. */
function millisecondsToStart(): number {
  const began = performance.now()
  spawnSync('/bin/sh', ['-c', 'i=0; while [ "$i" -lt 30 ]; do i=$((i + 1)); /usr/bin/true; done'])
  return (performance.now() - began) / 30
}
