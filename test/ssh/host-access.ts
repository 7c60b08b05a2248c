import { homedir } from 'node:os'
import { join } from 'node:path'
import type { HostAccess } from '../../src/ssh/host-access.ts'
import { createKeyring } from '../../src/ssh/keyring.ts'
import { type KnownHosts, parseKnownHosts } from '../../src/ssh/known-hosts.ts'
import type { Identities } from '../../src/ssh/login/identities.ts'
import type { Sshd } from './sshd.ts'

/** A keyring without an agent, which fails when it asks for a passphrase. */
export function silentKeyring() {
  return createKeyring({
    agentSocket: undefined,
    askPassphrase: (file) => Promise.reject(new Error(`asked for ${file}`)),
  })
}

/** No keys at all: only passwords. */
export const noIdentities: Identities = { offers: [], leftAside: [] }

/** Root on 127.0.0.1, with no way to log in unless given. */
export function accessAt(port: number, more: Partial<HostAccess> = {}): HostAccess {
  return {
    name: 'node1',
    address: '127.0.0.1',
    port,
    user: 'root',
    password: undefined,
    identities: noIdentities,
    become: 'none',
    becomePassword: undefined,
    hostKeys: { knownHosts: [], file: join(homedir(), '.ssh/known_hosts') },
    ...more,
  }
}

/** Root on a test sshd, with the key that it accepts. */
export async function accessTo(sshd: Sshd, more: Partial<HostAccess> = {}): Promise<HostAccess> {
  const identities = await silentKeyring().identities([sshd.userKey], false)
  return accessAt(sshd.port, { identities, ...more })
}

/** The same host, whose key is judged by these known hosts. */
export function knowing(access: HostAccess, knownHosts: KnownHosts): HostAccess {
  return { ...access, hostKeys: { ...access.hostKeys, knownHosts } }
}

/** A known_hosts that pins a test sshd's keys of those types. */
export function pinned(sshd: Sshd, ...types: string[]): KnownHosts {
  const lines = types.map((type) => `[127.0.0.1]:${sshd.port} ${sshd.hostKey(type)}`)
  return parseKnownHosts(lines.join('\n'), 'known_hosts')
}
