/** What can be said of a condition: it holds, it does not, or nobody can tell. */
export type Ternary = 'yes' | 'no' | 'maybe'

/** The truth value of something that is known. */
export function known(holds: boolean): Ternary {
  return holds ? 'yes' : 'no'
}

/** The opposite; of doubt, doubt. */
export function not(value: Ternary): Ternary {
  return value === 'maybe' ? 'maybe' : known(value === 'no')
}

/** Whether all hold: one `no` outweighs any doubt. */
export function and(...values: readonly Ternary[]): Ternary {
  if (values.includes('no')) return 'no'
  return values.includes('maybe') ? 'maybe' : 'yes'
}

/** Whether one holds: one `yes` outweighs any doubt. */
export function or(...values: readonly Ternary[]): Ternary {
  return not(and(...values.map(not)))
}
