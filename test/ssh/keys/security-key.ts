import { field } from '../../../src/ssh/keys/field.ts'

/** A key of a security key that no machine has: the file that `ssh-keygen -t ed25519-sk` would write, and its public line. */
export function securityKey(): { readonly file: string; readonly line: string } {
  const type = 'sk-ssh-ed25519@openssh.com'
  const point = Buffer.alloc(32, 7)
  const publicKey = Buffer.concat([field(type), field(point), field('ssh:')])
  const flags = Buffer.from([1])
  const handle = Buffer.alloc(64, 5)
  const open = Buffer.concat([
    ...[Buffer.alloc(8), publicKey, flags, field(handle), field(''), field('')],
  ])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (open.length % 8)) % 8))
  const data = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    ...[field('none'), field('none'), field(''), Buffer.from([0, 0, 0, 1])],
    ...[field(publicKey), field(Buffer.concat([open, padding]))],
  ])
  const lines = data.toString('base64').match(/.{1,70}/g) ?? []
  return {
    file: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    line: `${type} ${publicKey.toString('base64')}`,
  }
}
