import type { Probe } from '../inventory/probe.ts'
import type { ProbeResult } from './probe-result.ts'

/** A probe of one host or more, where it is defined, and how it came out; undefined: it was not tried. */
export interface TriedProbe {
  readonly probe: Probe
  readonly places: readonly string[]
  readonly before: ProbeResult | undefined
  readonly after: ProbeResult | undefined
}

/** How many characters of a probe are enough to know it again. */
const enough = 60

/** A probe in a few words of one line, for where its full text has been told: of a long command only the beginning. */
export function briefProbe(probe: Probe): string {
  const words = describeProbe(probe).replace(/\s+/g, ' ')
  return probe.kind === 'command' && words.length > enough
    ? `${words.slice(0, enough - 1).trimEnd()}…`
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
