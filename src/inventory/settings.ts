import { memberAddress } from './addresses.ts'
import type { Settings } from './inventory.ts'
import type { LocatedProbe } from './probe.ts'
import { renderLocation } from './reading/problems.ts'
import type { HostValues } from './variables/precedence.ts'
import { settingNames, type VariableName } from './variables/variable-schemas.ts'

/** The settings of a host, with a default for each that is not given. `hostName` is what the SSH configuration dials. */
export function settingsOf(name: string, resolved: HostValues, hostName?: string): Settings {
  const { values } = resolved
  return {
    interfaces: values.fw_interface ?? [],
    guard: values.fw_guard ?? 'forward',
    persist: values.fw_persist ?? false,
    set: values.fw_set ?? 'cluster_nodes',
    addresses: values.fw_addresses ?? knownAddresses(name, values, hostName),
    extraMembers: values.fw_extra_members ?? NONE,
    position: values.fw_position ?? 'auto',
    action: values.fw_action ?? 'REJECT',
    podCidrs: values.fw_pod_cidrs ?? [],
    services: values.fw_services ?? 'close',
    serviceCidrs: values.fw_service_cidrs ?? kubesprayServices(values),
    published: values.fw_published,
    probes: locatedProbes(resolved),
    accept: values.fw_accept ?? [],
    ...givenOf(resolved),
  }
}

// One list for all hosts, by which those with equal sets are found.
const NONE: readonly string[] = []

/** What to call a setting in a message: by the flag that gave it, else by its name. */
export function asGiven({ given }: Settings, name: VariableName): string {
  return given?.[name] ?? name
}

function givenOf({ definition }: HostValues): Pick<Settings, 'given'> {
  const given = settingNames.flatMap((name) => {
    const variable = definition(name)
    if (!variable?.extra) return []
    const isFile = variable.location.line !== undefined
    return [[name, isFile ? `-e ${name}` : variable.location.source] as const]
  })
  return given.length === 0 ? {} : { given: Object.fromEntries(given) }
}

function locatedProbes({ values, definition }: HostValues): readonly LocatedProbe[] {
  const variable = definition('fw_probes')
  return (values.fw_probes ?? []).map((probe, index) => ({
    probe,
    location: variable ? renderLocation(variable.locationOf([index])) : '',
  }))
}

function knownAddresses(
  name: string,
  values: HostValues['values'],
  hostName: string | undefined,
): readonly string[] {
  const address = values.ansible_ssh_host ?? values.ansible_host ?? name
  const { ip, access_ip, ip6, access_ip6 } = values
  const candidates = [ip, access_ip, address, hostName, ip6, access_ip6]
  const texts = candidates.filter((text) => typeof text === 'string')
  return [...new Set(texts.flatMap((text) => memberAddress(text) ?? []))]
}

function kubesprayServices(values: HostValues['values']): readonly string[] {
  const [some = [], more = []] = [values.kube_service_addresses, values.kube_service_addresses_ipv6]
  return [...new Set([...some, ...more])]
}
