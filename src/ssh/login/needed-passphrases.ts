import type { Secret } from '../../secret.ts'
import {
  defaultKeyFiles,
  defaultSecurityKeyFiles,
  type KeyFile,
  readKeyFile,
} from '../keys/key-file.ts'
import { parseOpensshKey } from '../keys/openssh-key.ts'
import { openPrivateKey } from '../keys/private-key.ts'
import type { DefaultFiles } from './default-identities.ts'
import type { PatientKeySearch } from './identities.ts'
import { unusableKey, wrongPassphrase } from './named-identity.ts'

type Passphrases = ReadonlyMap<string, Secret>

/**
 * The passphrases that ssh needs for key files, by path: those of files that are named, unless the agent has the key; else
 * one, if there is no other way to log in. A named file that is missing or refused, or a wrong passphrase, is a `credentials` fault.
 */
export async function neededPassphrases(
  named: readonly string[],
  hasPassword: boolean,
  configured: DefaultFiles | undefined,
  { agent: { keys: agent }, askPassphrase }: PatientKeySearch,
): Promise<Passphrases> {
  const names = named.length > 0 ? named : configured?.files
  const files = names ? await Promise.all(names.map(readKeyFile)) : await defaultFiles()
  const isHeld = (key: Buffer | undefined) => agent.some(({ publicKey }) => key?.equals(publicKey))
  const locked: KeyFile[] = []
  let others = hasPassword ? 1 : configured?.only ? 0 : agent.length
  for (const file of files) {
    if (named.length > 0 && (file.kind === 'missing' || file.kind === 'refused'))
      throw unusableKey(file)
    if (file.kind === 'public' && isHeld(file.publicKey)) others += 1
    if (file.kind !== 'private') continue
    const openssh = parseOpensshKey(file.text)
    if (isHeld(openssh?.publicKey ?? file.publicKey)) {
      others += 1
      continue
    }
    // What ssh2 cannot read at all may be encrypted, too.
    const isLocked = openssh
      ? openssh.cipher !== 'none'
      : openPrivateKey(file.text, file.path).kind === 'locked'
    if (isLocked) locked.push(file)
    else others += 1
  }
  const [first] = locked
  const asked = named.length > 0 ? locked : others > 0 || !first ? [] : [first]
  const found = new Map<string, Secret>()
  for (const file of asked) {
    if (file.kind !== 'private') continue
    const passphrase = await askPassphrase(file.path)
    if (!passphrase) continue
    if (openPrivateKey(file.text, file.path, passphrase).kind === 'wrong-passphrase')
      throw wrongPassphrase(file.path)
    found.set(file.path, passphrase)
  }
  return found
}

/** The default files; those of security keys only where there is no other. */
async function defaultFiles(): Promise<readonly KeyFile[]> {
  const usual = await Promise.all(defaultKeyFiles().map(readKeyFile))
  return usual.some(({ kind }) => kind === 'private')
    ? usual
    : [...usual, ...(await Promise.all(defaultSecurityKeyFiles().map(readKeyFile)))]
}
