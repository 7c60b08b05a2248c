import { isIPv6, SocketAddress } from 'node:net'
import { shown } from '../../text/shown.ts'
import { isHostAddress, memberAddress } from '../addresses.ts'
import { ownAddresses } from '../members.ts'
import type { Location, Problems } from '../reading/problems.ts'
import type { HostValues } from '../variables/precedence.ts'
import type { VariableName } from '../variables/variable-schemas.ts'
import type { LocatedHost } from './located-hosts.ts'

/** The hosts that have no address of which their guard has a use. */
export function withoutAddress(hosts: readonly LocatedHost[]): readonly LocatedHost[] {
  return hosts.filter(
    ({ host }) => isHostAddress(host.address) && ownAddresses(host.settings).length === 0,
  )
}

/**
 * Records hosts whose address is none, and hosts that share one. If a node's address were mistaken for another's, the
 * set would lack the node, and the rule would cut it off.
 */
export function checkAddresses(hosts: readonly LocatedHost[], problems: Problems): void {
  const byEndpoint = new Map<string, string>()
  const byMember = new Map<string, string>()
  for (const { host, location, resolved } of hosts) {
    if (!isHostAddress(host.address)) {
      const fault = `${shown(host.address)} is neither a host name nor an IP address`
      problems.add(location, `host ${shown(host.name)}: ${fault}`, 'Set ansible_host for it.')
    }
    const { port = 22 } = host
    const endpoint = port === 22 ? host.address : `${host.address} port ${port}`
    const same = `${canonical(host.address)} ${port}`
    const twin = byEndpoint.get(same)
    if (twin !== undefined) {
      const where = firstOf(resolved, ['ansible_ssh_host', 'ansible_host']) ?? location
      problems.add(
        where,
        `${twin} and ${host.name} have the same address: ${endpoint}`,
        'Correct ansible_host of one of these hosts, or delete that host from the inventory.',
      )
    } else byEndpoint.set(same, host.name)
    for (const [address, where] of statedAddresses(resolved)) {
      const owner = byMember.get(address) ?? host.name
      byMember.set(address, owner)
      if (owner !== host.name) {
        problems.add(
          where,
          `${owner} and ${host.name} both claim the address ${address}`,
          'If one of these hosts has a wrong address, correct it. If both really use it, put it into fw_extra_members. Then set fw_addresses of both hosts to their other addresses.',
        )
      }
    }
  }
}

/** One spelling for all of one address: names know no upper case and may end in a dot, IPv6 may be written longer. */
function canonical(address: string): string {
  if (isIPv6(address)) {
    const [bare = '', zone = ''] = address.split('%')
    return `${new SocketAddress({ address: bare, family: 'ipv6' }).address}%${zone}`
  }
  return address.toLowerCase().replace(/\.$/, '')
}

/** The addresses stated as the host's own. The address to connect to is not: hosts behind forwarded ports share one. */
function statedAddresses(resolved: HostValues): ReadonlyMap<string, Location> {
  const names = ['fw_addresses', 'access_ip6', 'ip6', 'access_ip', 'ip'] as const
  const stated = new Map<string, Location>()
  for (const name of resolved.values.fw_addresses ? names.slice(0, 1) : names) {
    const variable = resolved.definition(name)
    const value = resolved.values[name]
    const texts = Array.isArray(value) ? value : [value]
    texts.forEach((text, index) => {
      const address = typeof text === 'string' ? memberAddress(text) : undefined
      if (variable && address !== undefined) stated.set(address, variable.locationOf([index]))
    })
  }
  return stated
}

function firstOf(resolved: HostValues, names: readonly VariableName[]): Location | undefined {
  const name = names.find((candidate) => resolved.definition(candidate) !== undefined)
  return name && resolved.definition(name)?.locationOf([])
}
