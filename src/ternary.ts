/** Whether a condition holds: yes, no, or not known. */
export type Ternary = 'yes' | 'no' | 'maybe'

/** A condition that is known to hold or not. */
export function known(holds: boolean): Ternary {
  return holds ? 'yes' : 'no'
}

/** The opposite; what is not known stays so. */
export function not(value: Ternary): Ternary {
  return value === 'maybe' ? 'maybe' : known(value === 'no')
}

/** Whether all conditions hold. One `no` decides, whatever is not known. */
export function and(...values: readonly Ternary[]): Ternary {
  if (values.includes('no')) return 'no'
  return values.includes('maybe') ? 'maybe' : 'yes'
}

/** Whether one of the conditions holds. One `yes` decides, whatever is not known. */
export function or(...values: readonly Ternary[]): Ternary {
  return not(and(...values.map(not)))
}
