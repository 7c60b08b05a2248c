import { type Share, shareOf } from '../text/share.ts'

/** How hosts are divided into waves. */
export interface Serial {
  /** How many hosts each wave has, none of them 0; the last goes for all waves that follow. Empty: one wave for all that are left. */
  readonly sizes: readonly Share[]
  /** The names of the hosts that make the first wave, before all sizes. */
  readonly first: ReadonlySet<string>
}

/**
 * Divides hosts into waves, in their order, as Ansible's `serial` does: a percentage is of all hosts, rounded down, but at least one host; a
 * wave that is larger than what is left takes what is left. No wave is empty, and each host is in one.
 */
export function inWaves(
  hosts: readonly string[],
  { sizes, first }: Serial,
): readonly (readonly string[])[] {
  const canaries = hosts.filter((host) => first.has(host))
  const others = hosts.filter((host) => !first.has(host))
  const waves: (readonly string[])[] = canaries.length > 0 ? [canaries] : []
  for (let taken = 0, at = 0; taken < others.length; at++) {
    const size = sizes[at] ?? sizes.at(-1)
    const count = size ? Math.max(1, shareOf(size, hosts.length)) : others.length
    waves.push(others.slice(taken, taken + count))
    taken += count
  }
  return waves
}
