import type { InventoryHost } from '../inventory/inventory.ts'
import type { Run } from '../runs/run.ts'
import { typed } from '../text/shell-quotes.ts'
import type { OpenCluster } from './open-cluster.ts'

/**
 * The cluster without a host that leaves it and cannot be reached. The run goes on without it, as with `--tolerate-unreachable`.
 * Says that its guard was not removed, and how to do that later. Writes down that it leaves out this host.
 */
export function leaveGone<Cluster extends OpenCluster>(
  cluster: Cluster,
  leaving: InventoryHost | undefined,
  run: Run,
): Cluster {
  const one = cluster.opened.find(({ host }) => host === leaving)
  const found = one?.findings.find(({ unreachable }) => unreachable)?.result
  if (!one || found?.kind !== 'fail') return cluster
  const { name, address } = one.host
  const message = `fw-run could not log in to ${name} (${address}): ${found.reason.replace(/\.$/, '')}. So the guard stays on ${name}. If ${name} still exists, repair the login, then run ${removalOf(one.host)}`
  run.emit({ kind: 'warning', message })
  run.journal.note({ kind: 'left-out', hosts: [{ name, address }] })
  const { inventory } = cluster
  return {
    ...cluster,
    inventory: { ...inventory, warnings: [...inventory.warnings, message] },
    hosts: cluster.hosts.filter((host) => host !== leaving),
    opened: cluster.opened.filter(({ host }) => host !== leaving),
    tolerated: [one],
  }
}

/** The command that removes the guard of a host that left the inventory. It repeats the host's login, set and guard. */
function removalOf(host: InventoryHost): string {
  const { address, port, user, privateKeyFile, isLocal, become, rootWay, settings } = host
  const options = host.sshOptions ?? []
  // Where a ProxyCommand was understood as a bastion, the words that are left lead elsewhere. One that was not, and what is set in
  // the environment, may hold a password.
  const isWhole = !options.some(
    ({ proxy, configFile, words }) =>
      proxy ?? configFile ?? words.find((word) => /command|setenv/i.test(word)),
  )
  const [before, after] = isWhole ? options.map(({ words }) => words.map(typed).join(' ')) : []
  const variables: readonly (readonly [string, string | number | undefined])[] = [
    ['ansible_connection', isLocal && 'local'],
    ['ansible_user', user],
    ['ansible_port', port],
    ['ansible_ssh_private_key_file', privateKeyFile],
    ['ansible_ssh_args', before || undefined],
    ['ansible_ssh_common_args', after || undefined],
    ['ansible_become', become === false ? 'false' : undefined],
    ['ansible_become_method', rootWay?.method],
    ['ansible_become_exe', rootWay?.program],
    ['ansible_become_flags', rootWay?.options.join(' ') || undefined],
    // A list of addresses has only this group.
    ['fw_group', 'all'],
    ['fw_guard', settings.guard],
    ['fw_set', settings.set],
  ]
  const words = [
    ...['-i', `${address},`],
    ...(host.password ? ['-k'] : []),
    ...(host.becomePassword ? ['-K'] : []),
    ...variables.flatMap(([name, value]) =>
      value === undefined ? [] : ['-e', variable(name, String(value))],
    ),
  ]
  const command = `\`fw-run remove ${words.map(typed).join(' ')}\``
  return isWhole
    ? command
    : `${command}. Add \`-e ansible_ssh_args=…\` or \`-e ansible_ssh_common_args=…\` as the inventory has it for ${host.name}`
}

/** A variable as `-e` takes it: of a value with blanks or quotes as JSON, because Ansible's NAME=VALUE keeps some of these. */
function variable(name: string, value: string): string {
  return typed(value) === value ? `${name}=${value}` : JSON.stringify({ [name]: value })
}
