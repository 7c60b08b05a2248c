import type { Predicate } from './matches/predicate.ts'
import { known } from './ternary.ts'

/** Reads the name of `-i` or `-o`. A name that ends in `+` means all names that begin so. */
export function readInterface(side: 'in' | 'out', wanted: string): Predicate {
  const prefix = prefixOf(wanted)
  return (packet) => {
    const name = packet[side]
    if (name === undefined) return 'maybe'
    const begins = prefixOf(name)
    if (begins === undefined) return known(isNamed(name, wanted))
    if (prefix !== undefined && begins.startsWith(prefix)) return 'yes'
    return (prefix ?? wanted).startsWith(begins) ? 'maybe' : 'no'
  }
}

/** Whether `-i` or `-o` with the name `wanted` matches an interface; `name` is a whole name. */
export function isNamed(name: string, wanted: string): boolean {
  const prefix = prefixOf(wanted)
  return prefix === undefined ? name === wanted : name.startsWith(prefix)
}

function prefixOf(name: string): string | undefined {
  return name.endsWith('+') ? name.slice(0, -1) : undefined
}
