import { createHash } from 'node:crypto'
import { onceFor } from '../memory/once-for.ts'

/**
 * A text that is equal for values of which `JSON.stringify` makes the same, but for the field `without`. A long list in it is only
 * named, with all its fields: thousands of hosts have the same list of thousands of members.
 */
export function shortKey(value: unknown, without?: string): string {
  return JSON.stringify(value, (field, inner: unknown) => {
    if (field === without) return undefined
    return Array.isArray(inner) && inner.length > long ? nameOf(inner) : inner
  })
}

const long = 50

const nameOf = onceFor((list: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64'),
)
