import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'

/** A file with its text, or why there is none; `why` says in a few words what stands there or what the system said. */
export type TextFile =
  | { readonly kind: 'text'; readonly text: string; readonly mode: number; readonly owner: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly why: string; readonly cause?: unknown }

const maxMebibytes = 64

/** Reads a regular file: a FIFO or a device may never end. What leads to /dev/null counts as missing. */
export async function readTextFile(path: string): Promise<TextFile> {
  try {
    // To open a FIFO for reading waits for a writer, unless it is opened so.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return await textOf(file)
    } finally {
      await file.close()
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' }
    return { kind: 'unreadable', why: String(code), cause }
  }
}

async function textOf(file: FileHandle): Promise<TextFile> {
  const stats = await file.stat()
  if (await isNullDevice(stats)) return { kind: 'missing' }
  if (!stats.isFile()) return { kind: 'unreadable', why: nounOf(stats) }
  if (stats.size > maxMebibytes * 2 ** 20) {
    return { kind: 'unreadable', why: `more than ${maxMebibytes} MiB` }
  }
  const text = await file.readFile('utf8')
  return { kind: 'text', text, mode: stats.mode, owner: stats.uid }
}

async function isNullDevice(stats: Stats): Promise<boolean> {
  return stats.isCharacterDevice() && stats.rdev === (await stat('/dev/null')).rdev
}

function nounOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}
