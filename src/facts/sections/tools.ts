import type { Sections } from '../../agent/sections.ts'
import { textOf } from '../reading.ts'

/** The firewall tools of a host. `missing` and `unsupported` name what is not there: `ipset`, `match set`. */
export interface Tools {
  readonly iptables: string
  readonly backend: 'legacy' | 'nf_tables' | 'unknown'
  readonly missing: readonly string[]
  readonly unsupported: readonly string[]
  /** A program and another one of its package that has another backend, as `iptables` and `iptables-save`. */
  readonly oddBackends: readonly (readonly string[])[]
}

/** Reads versions, the backend and what is missing. Versions up to 1.6 have no suffix and are legacy. */
export function readTools(sections: Sections): Tools {
  const iptables = textOf(sections, 'iptables-version').trim()
  const version = /^iptables v[\d.]+(?: \((\w+)\))?/.exec(iptables)
  const backend = !version ? 'unknown' : version[1] === 'nf_tables' ? 'nf_tables' : 'legacy'
  return {
    iptables,
    backend,
    missing: lines(sections, 'tools'),
    unsupported: lines(sections, 'support'),
    oddBackends: lines(sections, 'odd-backends').map((line) => line.split('\t')),
  }
}

function lines(sections: Sections, name: string): string[] {
  return textOf(sections, name).split('\n').filter(Boolean)
}
