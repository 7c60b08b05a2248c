import type { Secret } from '../secret.ts'
import { defaultKeyFiles, type KeyFile, readKeyFile } from './keys/key-file.ts'
import { agentKeys } from './login/agent-keys.ts'
import { type DefaultFiles, defaultIdentities } from './login/default-identities.ts'
import type { Identities, Identity, KeySearch, PatientKeySearch } from './login/identities.ts'
import { namedIdentity } from './login/named-identity.ts'
import { neededPassphrases } from './login/needed-passphrases.ts'
import { defaultSecurityKeys, onlySshKey } from './login/only-ssh-key.ts'
import { isSshHere } from './private-place.ts'

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
    otherWay?: OtherWay,
  ): Promise<Identities>
  /** What only the ssh binary can do with such keys, such as a certificate beside one of them; undefined where ssh2 can do all. */
  onlySsh(
    files: readonly string[],
    hasPassword: boolean,
    configured?: ConfiguredKeys,
  ): Promise<string | undefined>
  /** The passphrases that the ssh binary will ask for, by key file. A named file that cannot be used is a `credentials` fault. */
  passphrases(
    files: readonly string[],
    hasPassword: boolean,
    configured?: ConfiguredKeys,
    otherWay?: OtherWay,
  ): Promise<ReadonlyMap<string, Secret>>
}

/** Another way in than by a key. If it is open, a key that needs a passphrase is left aside, unless it was asked for already. */
export interface OtherWay {
  readonly name: string
  isOpen(): Promise<boolean>
}

/** What an SSH configuration says about keys, for a host for which no file is named. */
export interface ConfiguredKeys extends DefaultFiles {
  /** In place of the usual agent; `none`: no agent. */
  readonly agentSocket: string | undefined
}

/** Opens a keyring; nothing is read before the first call of `identities`. */
export function createKeyring(sources: KeySources): Keyring {
  const asked = new Set<string>()
  const askOnce = onceEach(oneByOne(sources.askPassphrase))
  const askPassphrase = (file: string) => {
    asked.add(file)
    return askOnce(file)
  }
  const patient = (search: KeySearch, otherWay: OtherWay | undefined): PatientKeySearch => ({
    ...search,
    askPassphrase: async (file) =>
      !asked.has(file) && (await otherWay?.isOpen()) ? undefined : askPassphrase(file),
  })
  const searches = new Map<string | undefined, Promise<KeySearch>>()
  const defaults = new Map<string, Promise<Identities>>()
  const named = new Map<string, Promise<Identity>>()
  const onlySshOf = onceEach(onlySshKey)
  const unlocked = new Map<string, Promise<ReadonlyMap<string, Secret>>>()

  const prepared = async (socket: string | undefined): Promise<KeySearch> => {
    return { agent: await agentKeys(socket === 'none' ? undefined : socket), askPassphrase }
  }
  const searchBy = (configured: ConfiguredKeys | undefined) => {
    const socket = configured?.agentSocket ?? sources.agentSocket
    const search = searches.get(socket) ?? prepared(socket)
    searches.set(socket, search)
    return search
  }
  let sshIsHere: Promise<boolean> | undefined
  /** What nobody named and only the ssh binary can use: a certificate; a security key, which wants to be touched, only if there is no other key. */
  const unnamed = async (configured: ConfiguredKeys | undefined) => {
    const only = configured?.only ?? false
    const { keys, certificates, securityKeys } = (await searchBy(configured)).agent
    const [certificate] = only ? [] : certificates
    if (certificate !== undefined) {
      if (keys.length === 0) return certificate
      // Without ssh on this machine, the other keys may do.
      sshIsHere ??= isSshHere()
      return (await sshIsHere) ? certificate : undefined
    }
    const [securityKey] = [
      ...(only ? [] : securityKeys),
      ...(configured?.files ? [] : await defaultSecurityKeys()),
    ]
    if (securityKey === undefined || (keys.length > 0 && !only)) return undefined
    const files = await Promise.all((configured?.files ?? defaultKeyFiles()).map(readKeyFile))
    const isKey = ({ kind }: KeyFile) =>
      kind === 'private' || (kind === 'public' && keys.length > 0)
    return files.some(isKey) ? undefined : securityKey
  }
  return {
    async identities(files, hasPassword, configured, otherWay) {
      const socket = configured?.agentSocket ?? sources.agentSocket
      const found = await searchBy(configured)
      if (files.length === 0) {
        const about = JSON.stringify([socket, hasPassword, configured, otherWay?.name])
        const identities =
          defaults.get(about) ??
          defaultIdentities(patient(found, otherWay), hasPassword, configured)
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
    async onlySsh(files, hasPassword, configured) {
      const paths = files.length > 0 ? files : (configured?.files ?? defaultKeyFiles())
      const found = await Promise.all(paths.map(onlySshOf))
      const needed = found.find((what) => what !== undefined)
      if (needed !== undefined || files.length > 0 || hasPassword) return needed
      return unnamed(configured)
    },
    async passphrases(files, hasPassword, configured, otherWay) {
      const about = JSON.stringify([files, hasPassword, configured, otherWay?.name])
      const found =
        unlocked.get(about) ??
        searchBy(configured).then((search) =>
          neededPassphrases(files, hasPassword, configured, patient(search, otherWay)),
        )
      unlocked.set(about, found)
      return found
    },
  }
}

function onceEach<T>(ask: (file: string) => Promise<T>): (file: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>()
  return (file) => {
    const answer = asked.get(file) ?? ask(file)
    asked.set(file, answer)
    return answer
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
