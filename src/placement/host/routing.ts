import type { Route } from '../../facts/routes.ts'
import { parseRange, type Range } from '../../ip/ranges.ts'

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

/** The routes to an address: those with the longest prefix. */
export function routesTo(address: number, routes: readonly RangedRoute[]): readonly Route[] {
  const best = routes.find(({ first, last }) => address >= first && address <= last)
  if (!best) return []
  return routes
    .filter(({ first, last }) => first === best.first && last === best.last)
    .map(({ route }) => route)
}

/** The devices by which packets to an address leave. */
export function devicesTo(address: number, routes: readonly RangedRoute[]): readonly string[] {
  return routesTo(address, routes).flatMap(({ kind, device }) =>
    kind === 'unicast' && device !== undefined ? [device] : [],
  )
}

/** Whether a range lies within another. */
export function inside(inner: Range, outer: Range): boolean {
  return inner.first >= outer.first && inner.last <= outer.last
}
