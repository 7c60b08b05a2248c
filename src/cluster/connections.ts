import type { InventoryHost } from '../inventory/inventory.ts'
import type { ConnectionValue } from '../report/connections.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { Route } from '../ssh-config/route.ts'
import { loginOf } from './opening/root-login.ts'
import { findRoutes } from './opening/routes.ts'
import type { SelectedHosts } from './select-hosts.ts'

/** How each selected host would be connected, by host name, without connecting. */
export async function findConnections(
  { hosts, sshConfig }: SelectedHosts,
  settings: RunSettings,
  run: Run,
): Promise<ReadonlyMap<string, readonly ConnectionValue[]>> {
  const routes = await findRoutes(hosts, sshConfig, settings)
  return new Map(
    hosts.map((host) => {
      const route = routes.get(host.name)
      return [host.name, route ? valuesOf(host, route, settings, run) : []]
    }),
  )
}

function valuesOf(
  host: InventoryHost,
  { answer, stops }: Route,
  settings: RunSettings,
  run: Run,
): readonly ConnectionValue[] {
  if (host.isLocal) {
    return [
      { name: 'connection', value: 'local', from: 'the inventory' },
      {
        name: 'user',
        value: loginOf(host, answer, { settings, user: run.user }),
        from: 'the user of fw-run',
      },
    ]
  }
  const ssh = host.sshOptions
    ? 'the SSH configuration or options of the inventory'
    : 'the SSH configuration'
  const value = <T>(name: ConnectionValue['name'], used: T, origins: readonly Origin<T>[]) => ({
    ...{ name, value: String(used) },
    from: origins.find(([candidate]) => candidate === used)?.[1] ?? ssh,
  })
  const key = host.privateKeyFile ?? settings.privateKey
  const keys = key ?? answer?.identityFiles?.join(', ') ?? usualKeys
  return [
    value('address', answer?.hostName ?? host.address, [
      [host.address, 'the inventory'],
      [host.address.toLowerCase(), 'the inventory'],
    ]),
    value('port', answer?.port ?? host.port ?? 22, [
      [host.port, 'the inventory'],
      [22, 'the default'],
    ]),
    value('user', answer?.user ?? host.user ?? settings.user ?? run.user, [
      [host.user, 'the inventory'],
      [settings.user, '--user'],
      [run.user, 'the user of fw-run'],
    ]),
    value('key', keys, [
      [host.privateKeyFile, 'the inventory'],
      [settings.privateKey, '--private-key'],
      [usualKeys, 'the default'],
    ]),
    ...(stops.length > 0
      ? [value('bastions', stops.map(({ name }) => name).join(', then '), [])]
      : []),
  ]
}

/** A value that something gives, and what gives it; unset where it gives none. The first that was used counts. */
type Origin<T> = readonly [T | undefined, string]

const usualKeys = 'the ssh-agent and the usual files'
