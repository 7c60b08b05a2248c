import type { PlacedRule } from '../guard/guard.ts'

/** A set as it shall be, or was: `type` holds the words after its name in `ipset create`. */
export interface SetState {
  readonly type: string
  readonly members: readonly string[]
}

/**
 * One change on one host, from a state to another, so that it carries its undo: the same change the other way round.
 * `undefined` is a set that is not there, an empty list rules that are not there.
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

/** The changes that take these changes back, in the order in which they must happen. */
export function undoOf(changes: readonly Change[]): readonly Change[] {
  return changes.map(inverse).reverse()
}

function inverse(change: Change): Change {
  switch (change.kind) {
    case 'set':
      return { ...change, before: change.after, after: change.before }
    case 'rules':
      return { ...change, before: change.after, after: change.before }
  }
}
