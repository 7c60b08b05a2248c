import type { Node } from 'yaml'
import { shown } from '../../../text/shown.ts'
import type { Problems } from '../../reading/problems.ts'
import { define, groupOf, type RawInventory } from '../../reading/raw-inventory.ts'
import { plainVariable, type Variable } from '../../variables/variable.ts'
import type { YamlSource } from '../../yaml/yaml-source.ts'
import { type Fields, fieldsAt, itemsOf, placeOf, textOf, variable } from './fields.ts'
import { jumpBy } from './jump.ts'
import { addNode, type Role } from './node.ts'

/**
 * Adds the hosts of k0sctl.yaml (pkg/apis of k0sproject/k0sctl), reached as k0sctl reaches them. A controller that is no worker runs no
 * pods, and k0s gives it no pod network: it is in the set, but is not protected.
 */
export function readK0sctl(source: YamlSource, raw: RawInventory, problems: Problems): void {
  const seen = new Set<string>()
  const spec = fieldsAt(source, source.top, 'spec')
  const hosts = spec.get('hosts')
  const controllers = itemsOf(source, hosts).flatMap((item) =>
    readHost(source, item, seen, raw, problems),
  )
  const all = groupOf(raw, 'all', source.locationOf(hosts?.keyNode))
  const network = fieldsAt(source, spec.get('k0s')?.value ?? null, ...['config', 'spec', 'network'])
  for (const one of variable(source, 'kube_service_addresses', network.get('serviceCIDR'))) {
    define(raw, [all], one)
  }
  if (controllers.length === 0 || !raw.groups.get('kube_node')) return
  const location = source.locationOf(hosts?.keyNode)
  define(raw, [all], { ...plainVariable('fw_group', 'kube_node', location), made: true })
}

/** Reads a host; its name if it is a controller only. */
function readHost(
  source: YamlSource,
  item: Node,
  seen: Set<string>,
  raw: RawInventory,
  problems: Problems,
): readonly string[] {
  const fields = fieldsAt(source, item)
  const connection = connectionOf(source, fields, item, problems)
  const location = source.locationOf(item)
  const name = textOf(source, fields.get('hostname')) ?? connection.address
  if (name === undefined) {
    problems.add(location, 'a host of k0sctl has neither an address nor a hostname')
    return []
  }
  const role = textOf(source, fields.get('role')) ?? ''
  const roles = ROLES.get(role)
  if (!roles) {
    problems.add(
      placeOf(source, fields.get('role'), item),
      `${shown(role)} is not a role of k0sctl`,
    )
    return []
  }
  const variables = [
    ...connection.variables,
    ...variable(source, 'ip', fields.get('privateAddress')),
  ]
  addNode({ name, location, roles, variables }, seen, raw, problems)
  return roles.includes('kube_node') ? [] : [name]
}

interface Connection {
  readonly address: string | undefined
  readonly variables: readonly Variable[]
}

function connectionOf(
  source: YamlSource,
  fields: Fields,
  item: Node,
  problems: Problems,
): Connection {
  for (const kind of ['winRM', 'localhost'] as const) {
    const entry = fields.get(kind)
    const nested = fieldsAt(source, entry?.value ?? null)
    const enabled = textOf(source, nested.get('enabled')) ?? textOf(source, entry)
    if (!entry || (kind === 'localhost' && enabled !== 'true')) continue
    const word = kind === 'winRM' ? 'winrm' : 'local'
    const address =
      textOf(source, nested.get('address')) ?? textOf(source, fields.get('privateAddress'))
    const location = source.locationOf(entry.keyNode)
    return { address, variables: [plainVariable('ansible_connection', word, location)] }
  }
  const entry = fields.get('ssh') ?? fields.get('openSSH')
  const ssh = fieldsAt(source, entry?.value ?? null)
  const location = placeOf(source, entry, item)
  for (const name of ['configPath', 'options']) {
    const unused = ssh.get(name)
    if (unused === undefined) continue
    const instead =
      name === 'configPath'
        ? 'give that file with -F'
        : 'write them into ~/.ssh/config, or give -e ansible_ssh_common_args=...'
    problems.warn(
      source.locationOf(unused.keyNode),
      `${name} of ${fields.has('ssh') ? 'ssh' : 'openSSH'} ${name === 'options' ? 'are' : 'is'} not used: ${instead}`,
    )
  }
  // The default of k0sctl. Where it calls OpenSSH, that decides.
  const root = fields.has('ssh') && textOf(source, ssh.get('user')) === undefined
  return {
    address: textOf(source, ssh.get('address')),
    variables: [
      ...variable(source, 'ansible_host', ssh.get('address')),
      ...variable(source, 'ansible_port', ssh.get('port')),
      ...variable(source, 'ansible_user', ssh.get('user')),
      ...(root ? [plainVariable('ansible_user', 'root', location)] : []),
      ...variable(source, 'ansible_ssh_private_key_file', ssh.get('keyPath')),
      ...jumpBy(
        source,
        fieldsAt(source, ssh.get('bastion')?.value ?? null),
        'keyPath',
        location,
        problems,
      ),
    ],
  }
}

const ROLES: ReadonlyMap<string, readonly Role[]> = new Map([
  ['controller', ['kube_control_plane']],
  ['server', ['kube_control_plane']],
  ['controller+worker', ['kube_control_plane', 'kube_node']],
  ['server+worker', ['kube_control_plane', 'kube_node']],
  ['single', ['kube_control_plane', 'kube_node']],
  ['worker', ['kube_node']],
])
