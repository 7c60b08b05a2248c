import type { ServiceManager } from '../facts/boot-files.ts'
import type { ChainState } from '../guard/mangle-chain.ts'
import type { PlacedRule } from '../guard/placed-rule.ts'
import type { Family } from '../ip/dual.ts'

/** A set before or after a change. `type` is what follows its name in `ipset create`. */
export interface SetState {
  readonly type: string
  readonly members: readonly string[]
}

/** The boot files before or after a change: texts of the program and of the service that runs it. */
export interface BootState {
  readonly manager: ServiceManager
  readonly program: string | undefined
  readonly service: string | undefined
  /** Whether the service is started at boot, and is active if systemd does that. */
  readonly enabled: boolean
}

/**
 * One change on one host, as the states before and after it. So it carries its own undo: the same change the other way
 * round. A set, table or chain that does not exist is `undefined`, and so are boot files of which there is none; rules that do not exist are an empty list. A table is
 * its text between the braces.
 */
export type Change =
  | {
      readonly kind: 'set'
      readonly name: string
      readonly before: SetState | undefined
      readonly after: SetState | undefined
    }
  | {
      readonly kind: 'rules'
      readonly before: readonly PlacedRule[]
      readonly after: readonly PlacedRule[]
    }
  | {
      readonly kind: 'table'
      readonly before: string | undefined
      readonly after: string | undefined
    }
  | {
      readonly kind: 'chain'
      readonly family: Family
      readonly before: ChainState | undefined
      readonly after: ChainState | undefined
    }
  | {
      readonly kind: 'boot'
      readonly before: BootState | undefined
      readonly after: BootState | undefined
    }

/** The changes that undo some changes, in the order in which they must happen. */
export function undoOf(changes: readonly Change[]): readonly Change[] {
  return changes.map(inverse).reverse()
}

function inverse(change: Change): Change {
  switch (change.kind) {
    case 'set':
      return { ...change, before: change.after, after: change.before }
    case 'rules':
      return { ...change, before: change.after, after: change.before }
    case 'table':
      return { ...change, before: change.after, after: change.before }
    case 'chain':
      return { ...change, before: change.after, after: change.before }
    case 'boot':
      return { ...change, before: change.after, after: change.before }
  }
}
