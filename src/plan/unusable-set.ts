import { familyOf, type IpSet } from '../ipset/sets.ts'

/**
 * Why a set that has our name cannot be ours; undefined if it can. `ipset swap` and our guard need `hash:ip` with addresses of
 * one family. With `timeout`, members would vanish and nodes be cut off. With `netmask` or `bitmask`, addresses beside a
 * member would match.
 */
export function setMisfit(set: IpSet, family: 4 | 6 = 4): string | undefined {
  const wanted = family === 4 ? 'inet' : 'inet6'
  const odd = ['timeout', 'netmask', 'bitmask'].find((option) => set.options.includes(option))
  if (set.type === 'hash:ip' && familyOf(set) === wanted && !odd) return undefined
  const found = odd
    ? `with option ${odd}`
    : `with type ${set.type} ${familyOf(set)}, not hash:ip ${wanted}`
  return `set ${set.name} exists already, but ${found}`
}

/** A set that a rule uses cannot be destroyed, so that rule has to go first. `isOurs`: a guard of ours uses it. */
export function remedyOfMisfit({ name }: IpSet, isOurs: boolean, users: readonly string[]): string {
  const other = 'choose another name with fw_set'
  if (users.length > 0) return `Other rules or sets use that set (${users.join('; ')}): ${other}.`
  const destroy = `\`ipset destroy ${name}\` on that host`
  return isOurs
    ? `The guard uses that set: run \`fw-run remove --limit HOST\` with the name of that host. Then run ${destroy}, then \`fw-run apply\`.`
    : `If nobody needs the set, run ${destroy}. Otherwise ${other}.`
}
