import { field, fieldAt } from './field.ts'
import { keyType } from './public-key.ts'

/** What an OpenSSH private key file shows without its passphrase. */
export interface OpensshKey {
  readonly publicKey: Buffer
  readonly type: string
  /** `none` when the key is not encrypted. */
  readonly cipher: string
}

const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1')

/** Reads the open part of an OpenSSH private key (PROTOCOL.key); undefined when the text is no such key. */
export function parseOpensshKey(text: string): OpensshKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1]
  const data = Buffer.from(body ?? '', 'base64')
  if (!data.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  try {
    const cipher = fieldAt(data, MAGIC.length)
    const kdf = fieldAt(data, cipher.end)
    const kdfOptions = fieldAt(data, kdf.end)
    const publicKey = fieldAt(data, kdfOptions.end + 4).bytes
    return { publicKey, type: keyType(publicKey), cipher: cipher.bytes.toString('latin1') }
  } catch {
    return undefined
  }
}

/** The text of an unencrypted OpenSSH private key for an ed25519 pair of 32 raw bytes each. */
export function renderEd25519Key(seed: Buffer, point: Buffer): string {
  const publicKey = Buffer.concat([field('ssh-ed25519'), field(point)])
  // The two check integers may be any number as long as they are equal: nothing is encrypted here.
  const secret = [Buffer.alloc(8), publicKey, field(Buffer.concat([seed, point])), field('')]
  // These are always 131 bytes, and must fill blocks of 8.
  const padding = Buffer.from([1, 2, 3, 4, 5])
  const data = Buffer.concat([
    MAGIC,
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(publicKey),
    field(Buffer.concat([...secret, padding])),
  ])
  const lines = data.toString('base64').match(/.{1,70}/g) ?? []
  return [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    ...lines,
    '-----END OPENSSH PRIVATE KEY-----',
    '',
  ].join('\n')
}
