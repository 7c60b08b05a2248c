import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inTurns } from '../waiting/event-loop-turn.ts'
import type { InPieces } from '../waiting/pieces.ts'
import { readInventoryFileNow } from './reading/inventory-file.ts'

/**
 * Files that an inventory was read from: the SHA-256 of the text that this run read there, or has written there itself. A path that ends
 * with a slash is a directory in which inventories or variables were looked for; it may be none yet. Its text is the names in it.
 */
export type FilesRead = Map<string, string>

/** What is kept of a text. */
export function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Keeps which names a directory had when it was looked through. */
export function keepListing(files: FilesRead, directory: string, names: readonly string[]): void {
  files.set(join(directory, '/'), listingSum(names))
}

/**
 * Tells the first of these files that does not hold that text any more, or cannot be read; undefined if all do. Hosts that are held hear
 * from us meanwhile. A file is read again only if it was written, moved or replaced since the last look.
 */
export function changedFileOf(
  files: ReadonlyMap<string, string>,
): () => Promise<string | undefined> {
  const marks = new Map<string, string>()
  return () => inTurns(() => changedFile(files, marks))
}

function* changedFile(
  files: ReadonlyMap<string, string>,
  marks: Map<string, string>,
): InPieces<string | undefined> {
  for (const [file, sum] of files) {
    yield
    const mark = markOf(file)
    if (mark !== undefined && marks.get(file) === mark) continue
    if (sumNow(file) !== sum) return file
    if (mark !== undefined) marks.set(file, mark)
  }
  return undefined
}

function sumNow(file: string): string | undefined {
  try {
    return file.endsWith('/') ? listingSum(namesIn(file)) : sumOf(readInventoryFileNow(file))
  } catch {
    return undefined
  }
}

/** Without the names that editors, and edits of our own, make for a moment: nobody reads such files. */
function listingSum(names: readonly string[]): string {
  const read = names.filter((name) => !name.startsWith('.') && !name.endsWith('~'))
  return sumOf(read.sort().join('\0'))
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Clocks of file systems are as coarse as two seconds: what was written so short ago may be written again without a trace. */
const settledMs = 3_000

/** What is another text if a file is written, moved or replaced; undefined if nobody can tell yet. Opened, because NFS asks the server only then. */
function markOf(file: string): string | undefined {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = fstatSync(descriptor, { bigint: true })
      if (Number(ctimeMs) > Date.now() - settledMs) return undefined
      return [dev, ino, size, mtimeNs, ctimeNs].join()
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}
