import { stages } from './moments.ts'
import type { Measured, TrialResult } from './trial-result.ts'

/** What many trials came to, as lines. */
export function summarise(results: readonly TrialResult[], seconds: number): readonly string[] {
  const bad = results.filter(({ violations }) => violations.length > 0)
  const came = results.flatMap(({ disturbed }) => disturbed.done)
  const drawn = results.reduce((sum, { trial }) => sum + trial.faults.length, 0)
  const count = (words: readonly (string | undefined)[]): string =>
    [...new Set(words)]
      .sort()
      .map((word) => `${word} ${words.filter((one) => one === word).length}`)
      .join(', ')
  const kinds = [...new Set(came.map(({ damage }) => damage.kind))].sort()
  const rows = kinds.map((kind) => {
    const cells = stages.map(
      (stage) => came.filter((one) => one.damage.kind === kind && one.stage === stage).length,
    )
    return [kind.padEnd(16), ...cells.map((cell) => `${cell || '.'}`.padStart(13))].join('')
  })
  return [
    `${results.length} runs in ${Math.round(seconds)} s, ${bad.length} with violations`,
    '',
    ['fault'.padEnd(16), ...stages.map((stage) => stage.padStart(13))].join(''),
    ...rows,
    `faults whose moment never came: ${drawn - came.length}`,
    `broken tools: ${results.filter(({ trial }) => trial.brokenTool).length}, with writers: ${results.filter(({ trial }) => trial.writers.length > 0).length}, in waves: ${results.filter(({ trial }) => trial.waves.length > 0).length}`,
    '',
    `exit codes: ${count(results.map(({ disturbed }) => `${disturbed.run.code ?? 'killed'}`))}`,
    `left alone, hosts were: ${count(results.map(({ outcome }) => outcome))}`,
    `needed another run: ${results.filter(({ helped }) => helped).length}; decided: ${results.filter(({ decided }) => decided).length}`,
    ...(['closing', 'silence'] as const).map((ground) =>
      timeLine(
        ground,
        results.flatMap(({ times }) => times),
      ),
    ),
  ]
}

function timeLine(ground: Measured['ground'], all: readonly Measured[]): string {
  // Leases differ, so times count from the promise on.
  const times = all
    .filter((one) => one.ground === ground)
    .map(({ seconds, promised }) => seconds - promised)
    .sort((a, b) => a - b)
  if (times.length === 0) return `at rest after ${ground}: not measured`
  const at = (part: number): string => (times[Math.ceil(part * times.length) - 1] ?? 0).toFixed(2)
  return `at rest after ${ground}, seconds against the promise (looking adds some): median ${at(0.5)}, p95 ${at(0.95)}, max ${at(1)}, n=${times.length}`
}
