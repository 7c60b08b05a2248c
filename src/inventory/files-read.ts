import { createHash } from 'node:crypto'
import { readInventoryFile } from './reading/inventory-file.ts'

/** Files that an inventory was read from: the SHA-256 of the text that this run read there, or has written there itself. */
export type FilesRead = Map<string, string>

/** What is kept of a text. */
export function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The first of these files that does not hold that text any more, or cannot be read; undefined if all do. */
export async function changedFile(files: ReadonlyMap<string, string>): Promise<string | undefined> {
  for (const [file, sum] of files) {
    const now = await readInventoryFile(file).then(sumOf, () => undefined)
    if (now !== sum) return file
  }
  return undefined
}
