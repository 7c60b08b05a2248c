import type { RouteLookup } from '../flow/hooks.ts'
import type { World } from '../flow/world.ts'
import type { HostNetwork } from './host-network.ts'
import { devicesTowards, routesTowards } from './routes.ts'
import type { HostState } from './state.ts'

/** What decides on packets of a host besides its rules. */
export function worldOf({ interfaces, routes }: HostNetwork, { sets }: HostState): World {
  return {
    sets,
    localAddresses: interfaces.flatMap(({ addresses }) => addresses),
    devicesTowards: (address) => devicesTowards(address, routes),
  }
}

/** Where packets to an address leave a host, by its main routing table. */
export function lookUpRoute({ routes }: HostNetwork): (destination: string) => RouteLookup {
  return (destination) => {
    const found = routesTowards(destination, routes)
    const [first] = found
    if (!first) return { kind: 'unroutable', reason: `no route leads to ${destination}` }
    if (first.kind !== 'unicast') {
      return {
        kind: 'unroutable',
        reason: `the route ${first.cidr} forwards no packets (for example a blackhole)`,
      }
    }
    const devices = new Set(found.map(({ device }) => device))
    return { kind: 'device', device: devices.size === 1 ? first.device : undefined }
  }
}
