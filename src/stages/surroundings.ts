import { FwRunError } from '../errors.ts'
import type { HostFacts } from '../facts/host-facts.ts'
import { routesTowards } from '../facts/routes.ts'
import type { HostState } from '../facts/state.ts'
import type { RouteLookup } from '../flow/forwarding.ts'
import type { World } from '../flow/world.ts'
import { didYouMean } from '../text/suggestion.ts'

/** What of a host, besides its rules, decides on packets. */
export function worldOf(facts: HostFacts, { sets }: HostState): World {
  return {
    sets,
    localAddresses: facts.interfaces.flatMap(({ addresses }) => addresses),
    devicesTowards: (address) =>
      routesTowards(address, facts.routes).flatMap(({ kind, device }) =>
        kind === 'unicast' && device !== undefined ? [device] : [],
      ),
  }
}

/** Tells where packets leave a host, by its main table of routes. */
export function lookUpRoute({ routes }: HostFacts): (destination: string) => RouteLookup {
  return (destination) => {
    const found = routesTowards(destination, routes)
    const [first] = found
    if (!first) return { kind: 'unroutable', reason: `no route leads to ${destination}` }
    if (first.kind !== 'unicast') {
      return { kind: 'unroutable', reason: `the route ${first.cidr} lets no packet through` }
    }
    const devices = new Set(found.map(({ device }) => device))
    return { kind: 'device', device: devices.size === 1 ? first.device : undefined }
  }
}

/** Throws a `usage` fault for an interface that the host does not have: no packet could come in there. */
export function demandInterfaces(
  host: string,
  { interfaces }: HostFacts,
  wanted: readonly (string | undefined)[],
): void {
  const names = interfaces.map(({ name }) => name)
  for (const name of wanted) {
    if (name === undefined || names.includes(name)) continue
    const meant = didYouMean(name, names)
    throw new FwRunError('usage', `${host} has no interface ${name}.`, {
      host,
      remedy: meant ? `${host}: ${meant}` : `It has ${names.join(', ')}.`,
    })
  }
}
