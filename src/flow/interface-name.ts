import { known } from '../ternary.ts'
import type { Predicate } from './matches/predicate.ts'

/** Reads the name of `-i` or `-o`; one that ends in `+` stands for all that begin so. */
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

/** Whether an interface that is known by its whole name is one that `-i` or `-o` asks for. */
export function isNamed(name: string, wanted: string): boolean {
  const prefix = prefixOf(wanted)
  return prefix === undefined ? name === wanted : name.startsWith(prefix)
}

function prefixOf(name: string): string | undefined {
  return name.endsWith('+') ? name.slice(0, -1) : undefined
}
