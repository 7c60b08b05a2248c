import { type DualNetwork, dualContains, dualOverlaps, parseDual } from '../../ip/dual.ts'
import { type Problems, renderLocation } from '../reading/problems.ts'
import { opening } from '../variables/variable.ts'
import type { LocatedHost } from './located-hosts.ts'

/** Records networks of pods that share addresses with a network of services: what is meant for one would meet the other. */
export function checkNetworks(hosts: readonly LocatedHost[], problems: Problems): void {
  const seen = new Set<string>()
  for (const { host, resolved } of hosts) {
    const variable = resolved.definition('fw_pod_cidrs')
    const { guard, podCidrs, serviceCidrs } = host.settings
    const isOfUse = guard !== 'forward' || resolved.values.fw_service_cidrs !== undefined
    // Thousands of hosts inherit the same few values: each pair is looked at once.
    const origin = originOf(resolved)
    if (!variable || !isOfUse || seen.has(origin)) continue
    seen.add(origin)
    for (const [index, service] of overlaps(podCidrs, serviceCidrs)) {
      problems.add(
        variable.locationOf([index]),
        `${opening(variable)}${podCidrs[index]} overlaps the service network ${service}`,
        'Pods and services must have separate networks: correct fw_pod_cidrs or fw_service_cidrs.',
      )
    }
  }
}

const NAMES = [
  'fw_pod_cidrs',
  'fw_service_cidrs',
  'kube_service_addresses',
  'kube_service_addresses_ipv6',
] as const

/** Where the networks of a host were defined. */
function originOf({ definition }: LocatedHost['resolved']): string {
  const locations = NAMES.map((name) => definition(name)?.location)
  return locations.map((location) => location && renderLocation(location)).join('\n')
}

interface Entry {
  readonly kind: 'pods' | 'services'
  readonly text: string
  /** Where it stands in its list. */
  readonly index: number
  readonly network: DualNetwork
}

/** Of each pod network that overlaps a service network, the index, and one that it overlaps. */
function overlaps(pods: readonly string[], services: readonly string[]): Map<number, string> {
  const found = new Map<number, string>()
  const widest = new Map<Entry['kind'], Entry>()
  const entries = [...entriesOf('pods', pods), ...entriesOf('services', services)]
  // Of two networks one holds the other, or they are apart: in this order, the widest before is the one to ask.
  for (const one of entries.sort(byFirstAddress)) {
    const other = widest.get(one.kind === 'pods' ? 'services' : 'pods')
    if (other && dualOverlaps(other.network, one.network)) {
      const [pod, service] = one.kind === 'pods' ? [one, other] : [other, one]
      found.set(pod.index, service.text)
    }
    const before = widest.get(one.kind)
    if (!before || !dualContains(before.network, one.network)) widest.set(one.kind, one)
  }
  return found
}

function entriesOf(kind: Entry['kind'], texts: readonly string[]): readonly Entry[] {
  return texts.flatMap((text, index) => {
    const network = parseDual(text)
    return network ? [{ kind, text, index, network }] : []
  })
}

function byFirstAddress({ network: a }: Entry, { network: b }: Entry): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.length - b.length
}
