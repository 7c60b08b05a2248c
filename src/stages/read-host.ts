import type { HostFacts } from '../facts/host-facts.ts'
import type { HostState } from '../facts/state.ts'
import { preliminaryFindings } from '../preflight/preflight.ts'
import type { ExaminedHost } from './examine.ts'
import type { OpenedHost } from './open-hosts.ts'

/** A host whose rules could be read, or what to report of one where they could not. */
export type ReadHost =
  | { readonly kind: 'read'; readonly facts: HostFacts; readonly state: HostState }
  | { readonly kind: 'failed'; readonly host: ExaminedHost }

/** Asks the checks without which nothing that a host told can be believed, and plans nothing. */
export function readHost(opened: OpenedHost): ReadHost {
  const { facts } = opened
  if (!facts) return { kind: 'failed', host: { ...opened, examined: undefined } }
  const found = preliminaryFindings(facts, 'look')
  if (facts.state.kind === 'unreadable' || found.some(({ result }) => result.kind === 'fail')) {
    const findings = [...opened.findings, ...found]
    return { kind: 'failed', host: { ...opened, findings, examined: undefined } }
  }
  return { kind: 'read', facts, state: facts.state.value }
}
