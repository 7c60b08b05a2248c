import { join } from 'node:path'
import { givenHome } from '../../jump-host/own-home.ts'
import { typed } from '../../text/shell-quotes.ts'
import { parsePublicKey } from './public-key.ts'
import { readTextFile } from './text-file.ts'

/** A key file as found on disk, before it is opened. `publicKey` comes from FILE.pub, or from FILE itself. */
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
  const path = name.replace(/^~(?=\/)/, givenHome())
  const publicKey = await readPublicKey(`${path}.pub`)
  const file = await readTextFile(path)
  switch (file.kind) {
    case 'missing':
      return publicKey ? { kind: 'public', path, publicKey } : { kind: 'missing', path }
    case 'unreadable':
      return {
        kind: 'refused',
        path,
        reason: `The key file ${path} cannot be read (${file.why}).`,
        remedy: `Check the path and the permissions of the file. ${orAnotherKey}`,
      }
    case 'text': {
      const itself = parsePublicKey(file.text)
      if (itself) return { kind: 'public', path, publicKey: itself }
      if (file.owner === process.getuid?.() && (file.mode & 0o077) !== 0) {
        return tooOpen(path, file.mode)
      }
      return { kind: 'private', path, text: file.text, publicKey }
    }
  }
}

/** The other way out, to follow a sentence. */
export const orAnotherKey =
  'Or name another key: for a host with --private-key FILE or ansible_ssh_private_key_file, for a bastion with IdentityFile in the SSH configuration.'

/** The key files that are offered when none is named. */
export function defaultKeyFiles(): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(givenHome(), '.ssh', name))
}

/** The files of security keys (FIDO) that ssh offers besides, when none is named. */
export function defaultSecurityKeyFiles(): string[] {
  return ['id_ecdsa_sk', 'id_ed25519_sk'].map((name) => join(givenHome(), '.ssh', name))
}

async function readPublicKey(path: string): Promise<Buffer | undefined> {
  const file = await readTextFile(path)
  return file.kind === 'text' ? parsePublicKey(file.text) : undefined
}

function tooOpen(path: string, mode: number): KeyFile {
  return {
    kind: 'refused',
    path,
    reason: `Others can read the key file ${path} (mode ${(mode & 0o777).toString(8)}).`,
    remedy: `Run: chmod 600 ${typed(path)}`,
  }
}
