import { createHmac, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readTextFile } from '../keys/text-file.ts'
import { type KnownHostsLine, parseKnownHosts } from '../known-hosts.ts'
import { withLock } from './file-lock.ts'

/** What became of a new key: it is written down; or the file had changed in the meantime; or it cannot be written. */
export type Remembered =
  | { readonly kind: 'written' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly why: string }

/**
 * Appends a key to a known_hosts file, under a lock. `mayAdd` is asked what the file holds at that moment, and has the last
 * word. The name is hashed if `hash` says so, or where the file has hashed names.
 */
export async function rememberHostKey(
  { name, type, key }: { readonly name: string; readonly type: string; readonly key: Buffer },
  { file, hash }: { readonly file: string; readonly hash: boolean },
  mayAdd: (lines: readonly KnownHostsLine[]) => boolean,
): Promise<Remembered> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    return await withLock(file, async () => {
      const now = await readTextFile(file)
      if (now.kind === 'unreadable') return { kind: 'failed', why: now.why }
      const text = now.kind === 'text' ? now.text : ''
      const lines = parseKnownHosts(text, file)
      if (!mayAdd(lines)) return { kind: 'refused' }
      const isHashed = hash || lines.some(({ names }) => names.startsWith('|'))
      const line = `${isHashed ? hashed(name) : name} ${type} ${key.toString('base64')}\n`
      await append(file, text === '' || text.endsWith('\n') ? line : `\n${line}`)
      return { kind: 'written' }
    })
  } catch (error) {
    return { kind: 'failed', why: codeOf(error) }
  }
}

/** Why nobody can append a key to a known_hosts file, as far as that shows without a change; undefined if it does not. */
export async function whyNotWritable(file: string): Promise<string | undefined> {
  const { O_WRONLY, O_APPEND, O_NONBLOCK, W_OK } = constants
  try {
    await (await open(file, O_WRONLY | O_APPEND | O_NONBLOCK)).close()
    return undefined
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return codeOf(error)
  }
  // A directory that is missing may still be made.
  const why = await access(dirname(file), W_OK).then(() => 'ENOENT', codeOf)
  return why === 'ENOENT' ? undefined : why
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error)
}

async function append(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o600)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}

/** As ssh-keygen -H writes a name. */
function hashed(name: string): string {
  const salt = randomBytes(20)
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return `|1|${salt.toString('base64')}|${hash}`
}
