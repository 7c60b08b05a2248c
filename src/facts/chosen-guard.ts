import type { GuardKind } from '../agent/agent.ts'
import type { Sections } from '../agent/sections.ts'
import { textOf } from './reading.ts'

/** The guard that a host took where the inventory says `auto`, and why not the first choice. */
export interface ChosenGuard {
  readonly kind: GuardKind
  readonly reason: string
}

/** Reads the choice of the host; undefined where the inventory left it none. */
export function readChosenGuard(sections: Sections): ChosenGuard | undefined {
  const [kind = '', reason = ''] = textOf(sections, 'guard').trim().split('\t')
  return kind === 'nft' || kind === 'mangle' ? { kind, reason: reason.trim() } : undefined
}
