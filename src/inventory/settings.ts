import { isMemberAddress } from './addresses.ts'
import type { Settings } from './inventory.ts'
import type { PlacedProbe } from './probe.ts'
import { renderPlace } from './reading/problems.ts'
import type { HostValues } from './variables/precedence.ts'
import { settingNames, type VariableName } from './variables/variable-schemas.ts'

/** The settings of a host, defaults filled in. */
export function settingsOf(name: string, resolved: HostValues): Settings {
  const { values } = resolved
  return {
    interfaces: values.fw_interface ?? [],
    set: values.fw_set ?? 'cluster_nodes',
    addresses: values.fw_addresses ?? knownAddresses(name, values),
    extraMembers: values.fw_extra_members ?? [],
    position: values.fw_position ?? 'auto',
    action: values.fw_action ?? 'REJECT',
    podCidrs: values.fw_pod_cidrs ?? [],
    published: values.fw_published,
    probes: placedProbes(resolved),
    accept: values.fw_accept ?? [],
    ...givenOf(resolved),
  }
}

/** What to call a setting in words to a person: by the flag that gave it, else by its name. */
export function asGiven({ given }: Settings, name: VariableName): string {
  return given?.[name] ?? name
}

function givenOf({ definition }: HostValues): Pick<Settings, 'given'> {
  const given = settingNames.flatMap((name) => {
    const variable = definition(name)
    return variable?.extra ? [[name, variable.place.source] as const] : []
  })
  return given.length === 0 ? {} : { given: Object.fromEntries(given) }
}

function placedProbes({ values, definition }: HostValues): readonly PlacedProbe[] {
  const variable = definition('fw_probes')
  return (values.fw_probes ?? []).map((probe, index) => ({
    probe,
    place: variable ? renderPlace(variable.placeOf([index])) : '',
  }))
}

function knownAddresses(name: string, values: HostValues['values']): readonly string[] {
  const address = values.ansible_ssh_host ?? values.ansible_host ?? name
  const candidates = [values.ip, values.access_ip, address]
  return [...new Set(candidates.filter((text) => typeof text === 'string').filter(isMemberAddress))]
}
