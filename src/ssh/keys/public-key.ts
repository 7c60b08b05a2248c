import { createHash } from 'node:crypto'

/** The fingerprint of a public key blob as OpenSSH prints it, `SHA256:` and base64 without padding. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The type that a public key blob names itself, such as `ssh-ed25519`; empty when it is no such blob. */
export function keyType(blob: Buffer): string {
  if (blob.length < 4) return ''
  const length = blob.readUInt32BE(0)
  return blob.length < 4 + length ? '' : blob.toString('latin1', 4, 4 + length)
}

/** The blob of a `type base64 comment` line; undefined when the line is no such line or the blob is of another type. */
export function parsePublicKey(line: string): Buffer | undefined {
  const [, type, base64] = /^\s*([\w@.-]+)\s+(\S+)/.exec(line) ?? []
  if (!type || !base64) return undefined
  const blob = Buffer.from(base64, 'base64')
  return keyType(blob) === type ? blob : undefined
}
