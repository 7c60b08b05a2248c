import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { givenHome } from '../../jump-host/own-home.ts'
import { joinArguments, noArguments } from '../../ssh-config/ssh-arguments.ts'
import { shown } from '../../text/shown.ts'
import type { InventoryHost } from '../inventory.ts'
import type { Problems } from '../reading/problems.ts'
import type { HostValues } from '../variables/precedence.ts'
import { opening, type Variable } from '../variables/variable.ts'
import type { Values } from '../variables/variable-schemas.ts'
import { becomeName, checkRootWay, rootWayOf } from './root-way.ts'

/** How to reach a host: what the `ansible_` variables say of it. */
export type Connection = Omit<InventoryHost, 'name' | 'groups' | 'settings'>

/**
 * The connection to a host. Of a variable's aliases the one wins that wins in Ansible. `directoryOf` a source is where its key files
 * may be, too.
 */
export function connectionOf(
  name: string,
  host: HostValues,
  directoryOf: (source: string) => string,
): Connection {
  const { values } = host
  return {
    address: values.ansible_ssh_host ?? values.ansible_host ?? name,
    port: values.ansible_ssh_port ?? values.ansible_port,
    user: values.ansible_ssh_user ?? values.ansible_user,
    ...(LOCAL.includes(values.ansible_connection ?? '') && { isLocal: true }),
    password: values.ansible_ssh_password ?? values.ansible_ssh_pass ?? values.ansible_password,
    privateKeyFile: keyFilesOf(host, directoryOf)[0],
    sshOptions: sshOptionsOf(values),
    become: values.ansible_become,
    rootWay: rootWayOf(values),
    becomePassword: values[becomeName(values, 'pass')] ?? values.ansible_become_password,
  }
}

// The order in which Ansible's ssh plugin writes them on the command line of ssh, where the first mention wins.
function sshOptionsOf(values: Values): InventoryHost['sshOptions'] {
  const before = joinArguments(values.ansible_ssh_args)
  const after = joinArguments(values.ansible_ssh_common_args, values.ansible_ssh_extra_args)
  return before || after ? [before ?? noArguments, after ?? noArguments] : undefined
}

/**
 * Records what fw-run does not support: a connection that is neither SSH nor local, other ways to become root. Warns if a key file
 * could be another one.
 */
export function checkConnection(
  host: HostValues,
  directoryOf: (source: string) => string,
  problems: Problems,
): void {
  checkRootWay(host, problems)
  warnOfOtherKey(host, directoryOf, problems)
  const root: readonly string[] = ['root']
  const demands = [...SUPPORTED, [becomeName(host.values, 'user'), root, ONLY_ROOT] as const]
  for (const [name, supported, reason] of demands) {
    const value = host.values[name]
    const variable = host.definition(name)
    if (value === undefined || supported.includes(value) || !variable) continue
    const message = `${opening(variable)}${shown(value)} is not supported; ${reason}`
    problems.add(variable.locationOf([]), message)
  }
}

const LOCAL: readonly string[] = ['local', 'ansible.builtin.local']

const ONLY_ROOT = 'only root may change the firewall'

const SUPPORTED: readonly (readonly ['ansible_connection', readonly string[], string])[] = [
  [
    'ansible_connection',
    ['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'ansible.builtin.ssh', ...LOCAL],
    'use ssh, or local for the machine that fw-run runs on. If this host is no node of the cluster, make a group k8s_cluster that has only the nodes',
  ],
]

/**
 * The key file of a host, and one of the same name beside the inventory that does not count. As in Ansible, a path begins at the working
 * directory; where there is no such file, and one beside the inventory, it is that.
 */
function keyFilesOf(host: HostValues, directoryOf: (source: string) => string): readonly string[] {
  const path = host.values.ansible_ssh_private_key_file ?? host.values.ansible_private_key_file
  const variable = keyVariableOf(host)
  if (path === undefined) return []
  if (path.startsWith('~/')) return [resolve(givenHome(), path.slice(2))]
  const here = resolve(path)
  const beside =
    variable?.extra === false ? resolve(directoryOf(variable.location.source), path) : here
  if (beside === here || !existsSync(beside)) return [here]
  return existsSync(here) ? [here, beside] : [beside]
}

function keyVariableOf(host: HostValues): Variable | undefined {
  return (
    host.definition('ansible_ssh_private_key_file') ?? host.definition('ansible_private_key_file')
  )
}

function warnOfOtherKey(
  host: HostValues,
  directoryOf: (source: string) => string,
  problems: Problems,
): void {
  const [used, other] = keyFilesOf(host, directoryOf)
  const variable = keyVariableOf(host)
  if (used === undefined || other === undefined || !variable) return
  problems.warn(
    variable.location,
    `${opening(variable)}this key file exists twice. Like Ansible, fw-run uses the one in the working directory: ${used}. To use the other one, write its absolute path: ${other}`,
  )
}
