/** So many hosts, or so many percent of all. */
export interface Share {
  readonly count: number
  readonly isPercent: boolean
}

/** Reads `3` or `10%`; undefined unless it is a whole number, and at most 100 percent. */
export function parseShare(word: string): Share | undefined {
  const [, digits, percent] = /^\s*(\d{1,6})(%?)\s*$/.exec(word) ?? []
  if (digits === undefined) return undefined
  const share = { count: Number(digits), isPercent: percent === '%' }
  return share.isPercent && share.count > 100 ? undefined : share
}

/** How many hosts of so many that is; a percentage is rounded down. */
export function shareOf({ count, isPercent }: Share, all: number): number {
  return isPercent ? Math.floor((count * all) / 100) : count
}
