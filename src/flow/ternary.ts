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
  let all: Ternary = 'yes'
  for (const value of values) {
    if (value === 'no') return 'no'
    if (value === 'maybe') all = 'maybe'
  }
  return all
}

/** Whether one of the conditions holds. One `yes` decides, whatever is not known. */
export function or(...values: readonly Ternary[]): Ternary {
  return someOf(values, (value) => value)
}

/** Whether a condition holds for one of some items. One `yes` decides, whatever is not known. */
export function someOf<T>(items: readonly T[], holds: (item: T) => Ternary): Ternary {
  let some: Ternary = 'no'
  for (const item of items) {
    const one = holds(item)
    if (one === 'yes') return 'yes'
    if (one === 'maybe') some = 'maybe'
  }
  return some
}
