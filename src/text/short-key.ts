import { createHash } from 'node:crypto'
import { onceFor } from '../memory/once-for.ts'

/**
 * A text that is equal for values of which `JSON.stringify` makes the same. A long list in it is only named: thousands of hosts have
 * the same list of thousands of members.
 */
export function shortKey(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    Array.isArray(inner) && inner.length > long ? nameOf(inner) : inner,
  )
}

const long = 50

const nameOf = onceFor((list: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64'),
)
