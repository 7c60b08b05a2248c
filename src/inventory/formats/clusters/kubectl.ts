import { isIPv4 } from 'node:net'
import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { shown } from '../../../text/shown.ts'
import { memberAddress } from '../../addresses.ts'
import type { Problems } from '../../reading/problems.ts'
import type { RawInventory } from '../../reading/raw-inventory.ts'
import { plainVariable } from '../../variables/variable.ts'
import { entriesOf } from '../../yaml/entries.ts'
import { asNode, resolved, scalarText, type YamlSource } from '../../yaml/yaml-source.ts'
import { isList, isMapping, type JsonValue } from '../json-value.ts'
import { addNode, type Role } from './node.ts'

/**
 * Adds the nodes that `kubectl get nodes -o json` or `-o yaml` printed, ready or not. Each is reached by its InternalIP. Its addresses for
 * the set are all that Kubernetes knows, and those by which Calico, flannel and k3s know it.
 */
export function readKubectl(
  json: JsonValue,
  file: string,
  raw: RawInventory,
  problems: Problems,
): void {
  const seen = new Set<string>()
  const top = isMapping(json) ? json : {}
  const items = top.kind === 'Node' ? [json] : isList(top.items) ? top.items : []
  if (items.length === 0) {
    problems.stop({ source: file }, 'lists no nodes', 'Print them: kubectl get nodes -o json')
  }
  for (const item of items) {
    const kind = fieldOf(item, 'kind')
    if (kind !== undefined && kind !== 'Node') {
      problems.stop(
        { source: file },
        `lists objects of kind ${shown(kind)}, not nodes`,
        'Print the nodes: kubectl get nodes -o json',
      )
    }
    readNode(item, file, seen, raw, problems)
  }
}

/** What a YAML text says, for the reader of JSON: every scalar is text. */
export function jsonFrom(source: YamlSource, given: Node | null, depth = 0): JsonValue {
  const node = resolved(source, given)
  if (depth > MAX_DEPTH) return null
  if (isSeq(node)) return node.items.map((item) => jsonFrom(source, asNode(item), depth + 1))
  if (isMap(node)) {
    return Object.fromEntries(
      entriesOf(source, node).map(({ key, value }) => [key, jsonFrom(source, value, depth + 1)]),
    )
  }
  return isScalar(node) && node.value !== null ? scalarText(node) : null
}

const MAX_DEPTH = 30

function readNode(
  item: JsonValue,
  file: string,
  seen: Set<string>,
  raw: RawInventory,
  problems: Problems,
): void {
  const name = fieldOf(item, 'metadata', 'name')
  if (typeof name !== 'string') {
    problems.add({ source: file }, 'a node has no name')
    return
  }
  const location = { source: `${file}: node ${name}` }
  const internal = addressesOf(item, 'InternalIP')
  const external = addressesOf(item, 'ExternalIP')
  const reached = internal.find(isIPv4) ?? internal[0] ?? external.find(isIPv4) ?? external[0]
  if (reached === undefined) {
    problems.add(location, 'has no address: neither InternalIP nor ExternalIP', NO_ADDRESS)
    return
  }
  const all = [...internal, ...external, ...annotated(item)]
  const own = [...new Set(all.map((address) => memberAddress(address) ?? address))]
  const variables = [
    plainVariable('ansible_host', reached, location),
    plainVariable('fw_addresses', own, location),
  ]
  addNode({ name, location, roles: rolesOf(item), variables }, seen, raw, problems)
}

const NO_ADDRESS =
  'Check that its kubelet runs. Or give its address in a second inventory, with one more -i FILE.'

function addressesOf(item: JsonValue, type: string): readonly string[] {
  const list = fieldOf(item, 'status', 'addresses')
  if (!isList(list)) return []
  return list.flatMap((one) => {
    const address = fieldOf(one, 'address')
    return fieldOf(one, 'type') === type && typeof address === 'string' ? [address] : []
  })
}

/** Addresses in annotations: of Calico with a length (`10.0.0.1/24`), of k3s and kubelet several with commas. */
function annotated(item: JsonValue): readonly string[] {
  return ANNOTATIONS.flatMap((name) => {
    const value = fieldOf(item, 'metadata', 'annotations', name)
    return typeof value === 'string'
      ? value.split(',').map((one) => one.trim().replace(/\/\d+$/, ''))
      : []
  }).filter((address) => address !== '')
}

const ANNOTATIONS = [
  'projectcalico.org/IPv4Address',
  'projectcalico.org/IPv6Address',
  'flannel.alpha.coreos.com/public-ip',
  'flannel.alpha.coreos.com/public-ipv6',
  'flannel.alpha.coreos.com/public-ip-overwrite',
  'flannel.alpha.coreos.com/public-ipv6-overwrite',
  'alpha.kubernetes.io/provided-node-ip',
  'k3s.io/internal-ip',
  'k3s.io/external-ip',
  'rke2.io/internal-ip',
  'rke2.io/external-ip',
]

function rolesOf(item: JsonValue): readonly Role[] {
  const labels = fieldOf(item, 'metadata', 'labels')
  const has = (role: string): boolean =>
    isMapping(labels) && Object.hasOwn(labels, `node-role.kubernetes.io/${role}`)
  const controls = has('control-plane') || has('master') || has('controlplane')
  return [
    ...(controls ? (['kube_control_plane'] as const) : (['kube_node'] as const)),
    ...(has('etcd') ? (['etcd'] as const) : []),
  ]
}

function fieldOf(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  const [step, ...rest] = path
  if (step === undefined) return value
  return isMapping(value) && Object.hasOwn(value, step) ? fieldOf(value[step], ...rest) : undefined
}
