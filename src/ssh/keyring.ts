import type { Secret } from '../secret.ts'
import { agentKeys } from './login/agent-keys.ts'
import { type DefaultFiles, defaultIdentities } from './login/default-identities.ts'
import type { Identities, Identity, KeySearch } from './login/identities.ts'
import { namedIdentity } from './login/named-identity.ts'

/** Where keys come from besides files. `askPassphrase` is called at most once for a file, and never twice at once. */
export interface KeySources {
  readonly agentSocket: string | undefined
  readonly askPassphrase: (file: string) => Promise<Secret>
}

/** The keys of one run: each file is read, and unlocked, once for all hosts. */
export interface Keyring {
  /**
   * The keys to offer to a host: the files named for it, else the keys of the ssh-agent and then the default files. A
   * named file that cannot be used is a `credentials` fault.
   */
  identities(
    files: readonly string[],
    hasPassword: boolean,
    configured?: ConfiguredKeys,
  ): Promise<Identities>
}

/** What an SSH configuration says about keys, for a host for which no file is named. */
export interface ConfiguredKeys extends DefaultFiles {
  /** In place of the usual agent; `none`: no agent. */
  readonly agentSocket: string | undefined
}

/** Opens a keyring; nothing is read before the first call of `identities`. */
export function createKeyring(sources: KeySources): Keyring {
  const askPassphrase = oneByOne(sources.askPassphrase)
  const searches = new Map<string | undefined, Promise<KeySearch>>()
  const defaults = new Map<string, Promise<Identities>>()
  const named = new Map<string, Promise<Identity>>()

  const prepared = async (socket: string | undefined): Promise<KeySearch> => {
    return { agent: await agentKeys(socket === 'none' ? undefined : socket), askPassphrase }
  }
  return {
    async identities(files, hasPassword, configured) {
      const socket = configured?.agentSocket ?? sources.agentSocket
      const search = searches.get(socket) ?? prepared(socket)
      searches.set(socket, search)
      const found = await search
      if (files.length === 0) {
        const about = JSON.stringify([socket, hasPassword, configured])
        const identities = defaults.get(about) ?? defaultIdentities(found, hasPassword, configured)
        defaults.set(about, identities)
        return identities
      }
      const offers = files.map((file) => {
        const about = JSON.stringify([socket, file])
        const identity = named.get(about) ?? namedIdentity(file, found)
        named.set(about, identity)
        return identity
      })
      return { offers: await Promise.all(offers), leftAside: [] }
    },
  }
}

// Two questions at once would garble the terminal.
function oneByOne(ask: (file: string) => Promise<Secret>): (file: string) => Promise<Secret> {
  let last: Promise<unknown> = Promise.resolve()
  return (file) => {
    const answer = last.then(() => ask(file))
    last = answer.catch(() => undefined)
    return answer
  }
}
