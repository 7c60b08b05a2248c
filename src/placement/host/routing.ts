import type { Route } from '../../facts/routes.ts'
import { parseRange, type Range } from '../../ip/ipv4-ranges.ts'

/** A route with its network as numbers. */
export interface RangedRoute extends Range {
  readonly route: Route
}

/** Routes with their ranges, the narrowest first. */
export function ranged(routes: readonly Route[]): readonly RangedRoute[] {
  return routes
    .flatMap((route) => {
      const range = parseRange(route.cidr)
      return range ? [{ route, ...range }] : []
    })
    .sort((a, b) => a.last - a.first - (b.last - b.first))
}

/** Whether a range lies within another. */
export function inside(inner: Range, outer: Range): boolean {
  return inner.first >= outer.first && inner.last <= outer.last
}
