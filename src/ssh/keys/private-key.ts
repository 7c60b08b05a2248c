import { createPrivateKey, type KeyObject } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import type { Secret } from '../../secret.ts'
import { typed } from '../../text/shell-quotes.ts'
import { orAnotherKey } from './key-file.ts'
import { parseOpensshKey, renderEd25519Key } from './openssh-key.ts'
import { signQuickly } from './quick-signing.ts'

/** A private key, or why it is not open: `locked` needs a passphrase, `wrong-passphrase` needs another one. */
export type PrivateKey =
  | { readonly kind: 'open'; readonly key: ParsedKey }
  | { readonly kind: 'locked' }
  | { readonly kind: 'wrong-passphrase' }
  | { readonly kind: 'unusable'; readonly reason: string; readonly remedy: string }

const PEM = /-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----/

/**
 * Opens a private key: OpenSSH's own format, PKCS#1, SEC1 and PKCS#8, encrypted or not. An encrypted one blocks for
 * 0.2 s or more (bcrypt): call it once a file, never once a host.
 */
export function openPrivateKey(text: string, file: string, passphrase?: Secret): PrivateKey {
  const openssh = parseOpensshKey(text)
  if (openssh?.type.startsWith('sk-')) {
    return unusable(
      `The key file ${file} belongs to a security key (FIDO), which ssh2 cannot use.`,
      `Run without --transport ssh2: then the program ssh connects. ${orAnotherKey}`,
    )
  }
  if (openssh?.cipher.startsWith('chacha20')) {
    return unusable(
      `The key file ${file} is encrypted with ${openssh.cipher}, which fw-run cannot read.`,
      `Run: ssh-keygen -p -Z aes256-ctr -f ${typed(file)}; or add the key to an ssh-agent.`,
    )
  }
  if (!openssh && !PEM.test(text)) {
    return unusable(
      `The file ${file} is not a private key in OpenSSH or PEM form.`,
      `To convert a PuTTY key, run \`puttygen KEY -O private-openssh -o FILE\`. ${orAnotherKey}`,
    )
  }

  const encrypted = openssh ? openssh.cipher !== 'none' : /ENCRYPTED/.test(text)
  if (encrypted && !passphrase) return { kind: 'locked' }
  try {
    const readable = openssh ? text : renderForSsh2(text, passphrase)
    const key = ssh2.utils.parseKey(readable, openssh ? passphrase?.reveal() : undefined)
    // Its type says a key, but ssh2 returns an Error when it could not parse one.
    if (key instanceof Error) throw key
    hideSecrets(key)
    signQuickly(key)
    return { kind: 'open', key }
  } catch (cause) {
    // A wrong passphrase shows as a wrong padding, tag or check integer.
    if (encrypted) return { kind: 'wrong-passphrase' }
    const message = cause instanceof Error ? cause.message : String(cause)
    return unusable(
      `The key file ${file} cannot be read: ${message}.`,
      `fw-run reads ed25519, ECDSA and RSA keys. ${orAnotherKey}`,
    )
  }
}

// ssh2 keeps the private half under symbols, which inspect() would print.
function hideSecrets(key: ParsedKey): void {
  for (const symbol of Object.getOwnPropertySymbols(key)) {
    Object.defineProperty(key, symbol, { enumerable: false })
  }
}

// ssh2 reads PKCS#1 and SEC1, but no PKCS#8; ed25519 exists in PEM as PKCS#8 only.
function renderForSsh2(pem: string, passphrase: Secret | undefined): string {
  const key = createPrivateKey({ key: pem, format: 'pem', passphrase: passphrase?.reveal() })
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString()
    case 'ed25519':
      return renderEd25519(key)
    default:
      throw new TypeError(`${key.asymmetricKeyType} keys are not supported`)
  }
}

function renderEd25519(key: KeyObject): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' })
  return renderEd25519Key(Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url'))
}

function unusable(reason: string, remedy: string): PrivateKey {
  return { kind: 'unusable', reason, remedy }
}
