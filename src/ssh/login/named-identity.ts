import { FwRunError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { type KeyFile, readKeyFile } from '../keys/key-file.ts'
import { parseOpensshKey } from '../keys/openssh-key.ts'
import { openPrivateKey } from '../keys/private-key.ts'
import { agentIdentity, fileIdentity, type Identity, type KeySearch } from './identities.ts'

/**
 * The identity of a key file that the user named. A copy in the ssh-agent needs no passphrase; other keys of the agent
 * are not offered (as with IdentitiesOnly). Throws a `credentials` fault when the key cannot be used.
 */
export async function namedIdentity(name: string, search: KeySearch): Promise<Identity> {
  const file = await readKeyFile(name)
  switch (file.kind) {
    case 'missing':
    case 'refused':
      throw unusableKey(file)
    case 'public': {
      const held = search.agent.keys.find((key) => key.publicKey.equals(file.publicKey))
      if (held) return agentIdentity(held)
      throw unusable(
        `The key file ${file.path} is only a public key, and no ssh-agent has its private key.`,
        'Name the private key, or add it to an ssh-agent.',
      )
    }
    case 'private': {
      const opened = openPrivateKey(file.text, file.path)
      if (opened.kind === 'open') return fileIdentity(file.path, opened.key)
      const publicKey = parseOpensshKey(file.text)?.publicKey ?? file.publicKey
      const held = search.agent.keys.find((key) => publicKey?.equals(key.publicKey))
      if (held) return agentIdentity(held)
      if (opened.kind === 'unusable') throw unusable(opened.reason, opened.remedy)
      return unlockedIdentity(file.path, file.text, await search.askPassphrase(file.path))
    }
  }
}

/** The identity of a locked key file; a wrong passphrase is a `credentials` fault. */
export function unlockedIdentity(path: string, text: string, passphrase: Secret): Identity {
  const opened = openPrivateKey(text, path, passphrase)
  if (opened.kind === 'open') return fileIdentity(path, opened.key)
  if (opened.kind === 'unusable') throw unusable(opened.reason, opened.remedy)
  throw wrongPassphrase(path)
}

/** The fault of a named key file that is not there, or that nobody should use. */
export function unusableKey(
  file: Extract<KeyFile, { readonly kind: 'missing' | 'refused' }>,
): FwRunError {
  return file.kind === 'refused'
    ? unusable(file.reason, file.remedy)
    : unusable(
        `The key file ${file.path} does not exist.`,
        'Correct --private-key, or ansible_ssh_private_key_file in the inventory.',
      )
}

/** The fault of a passphrase that does not open its key. */
export function wrongPassphrase(path: string): FwRunError {
  return unusable(
    `The passphrase for ${path} is wrong.`,
    'Run the same command again, and type the right one. Or add the key to an ssh-agent.',
  )
}

function unusable(message: string, remedy: string): FwRunError {
  return new FwRunError('credentials', message, { remedy })
}
