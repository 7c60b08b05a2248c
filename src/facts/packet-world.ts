import type { RouteLookup } from '../flow/forwarding.ts'
import type { World } from '../flow/world.ts'
import type { HostFacts } from './host-facts.ts'
import { devicesTowards, routesTowards } from './routes.ts'
import type { HostState } from './state.ts'

/** What decides on packets of a host besides its rules. */
export function worldOf(facts: HostFacts, { sets }: HostState): World {
  return {
    sets,
    localAddresses: facts.interfaces.flatMap(({ addresses }) => addresses),
    devicesTowards: (address) => devicesTowards(address, facts.routes),
  }
}

/** Where packets to an address leave a host, by its main routing table. */
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
