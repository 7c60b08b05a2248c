import { isSeq, type Node } from 'yaml'
import type { Problems } from '../../reading/problems.ts'
import { define, groupOf, type RawInventory } from '../../reading/raw-inventory.ts'
import { resolved, type YamlSource } from '../../yaml/yaml-source.ts'
import { type Fields, fieldsAt, itemsOf, placeOf, textOf, variable } from './fields.ts'
import { jumpBy } from './jump.ts'
import { addNode, type Role } from './node.ts'

/** Adds the nodes of RKE's cluster.yml (types/rke_types.go of rancher/rke), reached as RKE reaches them. */
export function readRke(source: YamlSource, raw: RawInventory, problems: Problems): void {
  const top = fieldsAt(source, source.top)
  const seen = new Set<string>()
  for (const item of itemsOf(source, top.get('nodes'))) {
    readNode(source, item, top, seen, raw, problems)
  }
  const bastion = top.get('bastion_host')
  const services = fieldsAt(source, top.get('services')?.value ?? null, 'kube-api')
  const ofAll = [
    ...jumpBy(
      source,
      fieldsAt(source, bastion?.value ?? null),
      'ssh_key_path',
      source.locationOf(bastion?.keyNode),
      problems,
    ),
    ...variable(source, 'kube_service_addresses', services.get('service_cluster_ip_range')),
  ]
  for (const one of ofAll) define(raw, [groupOf(raw, 'all', one.location)], one)
}

function readNode(
  source: YamlSource,
  item: Node,
  top: Fields,
  seen: Set<string>,
  raw: RawInventory,
  problems: Problems,
): void {
  const fields = fieldsAt(source, item)
  const address = textOf(source, fields.get('address'))
  const location = placeOf(source, fields.get('address'), item)
  if (address === undefined) {
    problems.add(location, 'a node of RKE has no address')
    return
  }
  const key = textOf(source, fields.get('ssh_key_path')) ? fields : top
  if (textOf(source, fields.get('ssh_key')) !== undefined) {
    problems.warn(
      placeOf(source, fields.get('ssh_key'), item),
      'ssh_key is not used: write the key into a file, and give ssh_key_path',
    )
  }
  const name = textOf(source, fields.get('hostname_override')) ?? address
  const variables = [
    ...variable(source, 'ansible_host', fields.get('address')),
    ...variable(source, 'ansible_port', fields.get('port')),
    ...variable(source, 'ansible_user', fields.get('user')),
    ...variable(source, 'ip', fields.get('internal_address')),
    ...variable(source, 'ansible_ssh_private_key_file', key.get('ssh_key_path')),
  ]
  addNode({ name, location, roles: rolesOf(source, fields), variables }, seen, raw, problems)
}

function rolesOf(source: YamlSource, fields: Fields): readonly Role[] {
  const entry = fields.get('role')
  const list = resolved(source, entry?.value ?? null)
  const words = isSeq(list)
    ? itemsOf(source, entry).map((value) => textOf(source, { key: '', keyNode: value, value }))
    : [textOf(source, entry)]
  return words.flatMap((word) => ROLES.get(word ?? '') ?? [])
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['controlplane', 'kube_control_plane'],
  ['worker', 'kube_node'],
  ['etcd', 'etcd'],
])
