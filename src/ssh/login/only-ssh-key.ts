import { defaultSecurityKeyFiles, readKeyFile } from '../keys/key-file.ts'
import { parseOpensshKey } from '../keys/openssh-key.ts'
import { keyType } from '../keys/public-key.ts'
import { readTextFile } from '../keys/text-file.ts'

/** What makes a key file one that only the ssh binary can use, in a few words; undefined where ssh2 can, or there is no file. */
export async function onlySshKey(name: string): Promise<string | undefined> {
  const file = await readKeyFile(name)
  if (file.kind === 'missing' || file.kind === 'refused') return undefined
  const { path } = file
  const openssh = file.kind === 'private' ? parseOpensshKey(file.text) : undefined
  const type = openssh?.type ?? (file.publicKey ? keyType(file.publicKey) : '')
  if (type.startsWith('sk-'))
    return `the security key (FIDO) ${path} (touch it when it blinks: once for each host)`
  if (openssh?.cipher.startsWith('chacha20')) return `the key ${path}, encrypted with chacha20`
  const certificate = `${path}-cert.pub`
  return (await readTextFile(certificate)).kind === 'text'
    ? `the certificate ${certificate}`
    : undefined
}

/** The security keys (FIDO) that ssh offers when no file is named, in a few words each. */
export async function defaultSecurityKeys(): Promise<readonly string[]> {
  const found = await Promise.all(defaultSecurityKeyFiles().map(onlySshKey))
  return found.filter((what) => what !== undefined)
}
