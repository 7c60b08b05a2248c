import { FwRunError } from '../../errors.ts'
import type { InventoryHost } from '../../inventory/inventory.ts'
import type { HostAccess } from '../../ssh/host-access.ts'
import { bySudo, type RootWay } from '../../ssh/root-way.ts'
import type { SshAnswer } from '../../ssh-config/ssh-answer.ts'
import { hostList } from '../../text/host-list.ts'
import type { Surroundings } from './credentials.ts'

/** The user who logs in to a host; on this machine, who we are. */
export function loginOf(
  host: InventoryHost,
  answer: SshAnswer | undefined,
  { settings, user }: Pick<Surroundings, 'settings' | 'user'>,
): string {
  if (host.isLocal) return process.geteuid?.() === 0 ? 'root' : user
  return answer?.user ?? host.user ?? settings.user ?? user
}

/** How that user becomes root; a user who is not root and must not become it stays what it is. */
export function becomeOf(host: InventoryHost, login: string): HostAccess['become'] {
  return (host.become ?? true) && login !== 'root' ? (host.rootWay ?? bySudo) : 'none'
}

/**
 * The methods by which the hosts' users become root. Users who are not root and, by `ansible_become: false`, must not become
 * it, are a `credentials` fault.
 */
export function demandRoot(
  hosts: readonly InventoryHost[],
  { routes, ...surroundings }: Pick<Surroundings, 'settings' | 'user' | 'routes'>,
): ReadonlySet<RootWay['method']> {
  const logins = hosts.map((host) => {
    const login = loginOf(host, routes.get(host.name)?.answer, surroundings)
    return { host, login, become: becomeOf(host, login) }
  })
  const plain = logins.filter(({ become, login }) => become === 'none' && login !== 'root')
  const [first] = plain
  if (first) {
    const names = hostList(plain.map(({ host }) => host.name))
    throw new FwRunError(
      'credentials',
      `${names}: ansible_become is false, and the user ${first.login} is not root.`,
      {
        remedy:
          'Only root may change the firewall. Set ansible_become: true, or ansible_user: root.',
      },
    )
  }
  return new Set(logins.flatMap(({ become }) => (become === 'none' ? [] : [become.method])))
}
