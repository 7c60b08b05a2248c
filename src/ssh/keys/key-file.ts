import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parsePublicKey } from './public-key.ts'

/** A key file as found on disk, before anything is opened. `publicKey` is read from FILE.pub, or FILE itself. */
export type KeyFile =
  | {
      readonly kind: 'private'
      readonly path: string
      readonly text: string
      readonly publicKey: Buffer | undefined
    }
  | { readonly kind: 'public'; readonly path: string; readonly publicKey: Buffer }
  | { readonly kind: 'missing'; readonly path: string }
  | {
      readonly kind: 'refused'
      readonly path: string
      readonly reason: string
      readonly remedy: string
    }

/** Reads a key file; `~/` is the home directory. One that others can read is refused, as ssh(1) does. */
export async function readKeyFile(name: string): Promise<KeyFile> {
  const path = name.replace(/^~(?=\/)/, homedir())
  const publicKey = await readPublicKey(`${path}.pub`)
  try {
    const { mode, uid } = await stat(path)
    const text = await readFile(path, 'utf8')
    const itself = parsePublicKey(text)
    if (itself) return { kind: 'public', path, publicKey: itself }
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) return tooOpen(path, mode)
    return { kind: 'private', path, text, publicKey }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      return {
        kind: 'refused',
        path,
        reason: `${path} cannot be read (${code}).`,
        remedy: 'Name a key that you may read with --private-key.',
      }
    }
    return publicKey ? { kind: 'public', path, publicKey } : { kind: 'missing', path }
  }
}

/** The key files that are offered when none is named. */
export function defaultKeyFiles(): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(homedir(), '.ssh', name))
}

async function readPublicKey(path: string): Promise<Buffer | undefined> {
  try {
    return parsePublicKey(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

function tooOpen(path: string, mode: number): KeyFile {
  return {
    kind: 'refused',
    path,
    reason: `${path} can be read by others (mode ${(mode & 0o777).toString(8)}).`,
    remedy: `Run: chmod 600 ${path}`,
  }
}
