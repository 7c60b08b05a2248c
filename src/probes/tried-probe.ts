import type { Probe } from '../inventory/probe.ts'
import type { ProbeResult } from './probe-result.ts'

/** A probe, the places that define it, and its results before and after the change; undefined: it was not tried. */
export interface TriedProbe {
  readonly probe: Probe
  readonly places: readonly string[]
  readonly before: ProbeResult | undefined
  readonly after: ProbeResult | undefined
}

/** So much of a command shows which one it is. */
const maxBrief = 60

/** A probe on one line, for a reader who has seen its full text: of a long command only the beginning. */
export function briefProbe(probe: Probe): string {
  const words = describeProbe(probe).replace(/\s+/g, ' ')
  return probe.kind === 'command' && words.length > maxBrief
    ? `${words.slice(0, maxBrief - 1).trimEnd()}…`
    : words
}

/** A probe in words: `tcp 192.0.2.11:6443`, `http https://…`, `command kubectl get nodes`. */
export function describeProbe(probe: Probe): string {
  switch (probe.kind) {
    case 'tcp':
      return `tcp ${probe.host.includes(':') ? `[${probe.host}]` : probe.host}:${probe.port}`
    case 'http':
      return `http ${probe.url}`
    case 'command':
      return `command ${probe.command}`
  }
}
