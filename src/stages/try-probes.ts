import pLimit from 'p-limit'
import type { InventoryHost } from '../inventory/inventory.ts'
import type { ProbeResult } from '../probes/probe-result.ts'
import { describeProbe, type TriedProbe } from '../probes/tried-probe.ts'
import { tryProbe } from '../probes/try-probe.ts'
import type { Run } from '../runs/run.ts'

/** Tries the probes of these hosts before a change. Equal probes of several hosts are tried once. `timeout` in seconds. */
export async function tryBefore(
  hosts: readonly InventoryHost[],
  timeout: number,
  run: Run,
): Promise<readonly TriedProbe[]> {
  const probes = distinctProbes(hosts)
  const results = await tryAll(probes, timeout, run, run.signal)
  return probes.map((probe, index) => ({ ...probe, before: results[index] }))
}

/** Tries those again that passed before. The signal says that the results are no longer needed. */
export async function tryAfter(
  probes: readonly TriedProbe[],
  timeout: number,
  run: Run,
  signal: AbortSignal,
): Promise<readonly TriedProbe[]> {
  const passed = probes.filter(({ before }) => before?.kind === 'passed')
  const results = await tryAll(passed, timeout, run, signal)
  return probes.map((probe) => ({ ...probe, after: results[passed.indexOf(probe)] }))
}

function distinctProbes(hosts: readonly InventoryHost[]): readonly TriedProbe[] {
  const found = new Map<string, TriedProbe>()
  for (const { probe, location } of hosts.flatMap(({ settings }) => settings.probes)) {
    const words = describeProbe(probe)
    const places = new Set([...(found.get(words)?.places ?? []), location])
    found.set(words, { probe, places: [...places], before: undefined, after: undefined })
  }
  return [...found.values()]
}

/** The results in the order of the probes. None once the signal came: then they mean nothing. */
async function tryAll(
  probes: readonly TriedProbe[],
  timeout: number,
  run: Run,
  signal: AbortSignal,
): Promise<readonly ProbeResult[]> {
  if (probes.length === 0 || signal.aborted) return []
  const names = probes.map(({ probe }) => describeProbe(probe))
  run.emit({ kind: 'phase-started', phase: 'probe', probes: names.length, names })
  // Turns of its own, so that a slow probe does not hold up requests to hosts.
  const inTurns = pLimit(run.atATime.concurrency)
  const results = await inTurns.map(probes, async ({ probe }) => {
    const result = await tryProbe(probe, timeout, signal)
    if (!signal.aborted) run.emit(probeDone(describeProbe(probe), result))
    return result
  })
  run.emit({ kind: 'phase-ended', phase: 'probe' })
  return signal.aborted ? [] : results
}

function probeDone(probe: string, result: ProbeResult) {
  const ok = result.kind === 'passed'
  return { kind: 'probe-done', probe, ok, ...(!ok && { detail: result.reason }) } as const
}
