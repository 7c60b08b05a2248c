import { shown } from '../../text/shown.ts'
import { isHostAddress } from '../addresses.ts'
import type { InventoryHost } from '../inventory.ts'
import type { Place, Problems } from '../reading/problems.ts'
import type { HostValues } from '../variables/precedence.ts'
import type { VariableName } from '../variables/variable-schemas.ts'

/** A host to protect, with where it stands and where its values come from. */
export interface Located {
  readonly host: InventoryHost
  readonly place: Place
  readonly resolved: HostValues
}

/**
 * Records hosts that cannot be reached or told apart by their addresses.
 * A node whose address is mistaken for another's would be missing from the set, and so cut off by the rule.
 */
export function checkAddresses(hosts: readonly Located[], problems: Problems): void {
  const byEndpoint = new Map<string, string>()
  const byMember = new Map<string, string>()
  for (const { host, place, resolved } of hosts) {
    if (!isHostAddress(host.address)) {
      const fault = `${shown(host.address)} is neither a host name nor an IP address`
      problems.add(place, `host ${shown(host.name)}: ${fault}`, 'Set ansible_host for it.')
    } else if (host.settings.addresses.length === 0) {
      problems.add(
        place,
        `host ${shown(host.name)} has no IPv4 address that the set could hold`,
        'Set fw_addresses for it.',
      )
    }
    const endpoint = host.port === 22 ? host.address : `${host.address} port ${host.port}`
    const twin = byEndpoint.get(endpoint)
    if (twin !== undefined) {
      const where = placeOfFirst(resolved, ['ansible_ssh_host', 'ansible_host']) ?? place
      problems.add(where, `${twin} and ${host.name} have the same address: ${endpoint}`)
    } else byEndpoint.set(endpoint, host.name)
    for (const { address, at } of statedAddresses(resolved)) {
      const owner = byMember.get(address) ?? host.name
      byMember.set(address, owner)
      if (owner !== host.name) {
        problems.add(
          at,
          `${owner} and ${host.name} both claim the address ${address}`,
          'An address that hosts share belongs into fw_extra_members.',
        )
      }
    }
  }
}

/** Addresses said to be the host's own; where one connects may be shared, through forwarded ports. */
function statedAddresses(
  resolved: HostValues,
): readonly { readonly address: string; readonly at: Place }[] {
  const names = ['fw_addresses', 'access_ip', 'ip'] as const
  const stated = new Map<string, Place>()
  for (const name of resolved.values.fw_addresses ? names.slice(0, 1) : names) {
    const variable = resolved.definition(name)
    const value = resolved.values[name]
    const texts = Array.isArray(value) ? value : [value]
    texts.forEach((text, index) => {
      if (variable && typeof text === 'string') stated.set(text, variable.placeOf([index]))
    })
  }
  return [...stated].map(([address, at]) => ({ address, at }))
}

function placeOfFirst(resolved: HostValues, names: readonly VariableName[]): Place | undefined {
  const name = names.find((candidate) => resolved.definition(candidate) !== undefined)
  return name && resolved.definition(name)?.placeOf([])
}
