import { randomUUID } from 'node:crypto'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Makes an empty file at a path, with its owner and mode, and opens it for writing. */
type Make = (path: string) => Promise<FileHandle>

/** What is done with the new file before it gets its name. Each may throw: then the old file stays as it is. */
interface Steps {
  readonly make: Make
  /** The last look, once the new file is on the disk. */
  readonly check?: () => Promise<void>
}

/**
 * Makes or replaces a file: readers see the old text or the new one, never a part. A path that is a symbolic link is replaced itself. Not write-file-atomic: it would go on without the owner
 * where that cannot be kept, and follow a link at its own name.
 */
export async function replaceFile(
  path: string,
  text: string,
  { make, check }: Steps,
): Promise<void> {
  const temporary = temporaryName(path)
  try {
    const handle = await make(temporary)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await check?.()
    await renameOntoDisk(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}

/**
 * Gives a file a name beside it, so that a power cut does not take the name back. Where the directory cannot be written to the disk
 * (this user may not read it, or the file system knows no such thing), the file system does so in its own time.
 */
export async function renameOntoDisk(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncDirectory(dirname(to)).catch(() => undefined)
}

/** A file's new name is on the disk only when its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Throws, as `replaceFile` would, if no file can be made beside a path, or not with this owner and mode. */
export async function tryBeside(path: string, make: Make = withMode(0o600)): Promise<void> {
  const temporary = temporaryName(path)
  try {
    const handle = await make(temporary)
    await handle.close()
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Makes a file of this user with a mode, whatever the umask. */
export function withMode(mode: number): Make {
  return async (path) => {
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.chmod(mode)
      return handle
    } catch (cause) {
      await handle.close()
      throw cause
    }
  }
}

/** Where a file lies behind symbolic links, and its mode if it is there. Throws if something else than a file is there. */
export async function placeOf(
  file: string,
): Promise<{ readonly path: string; readonly mode?: number }> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!found) return { path: file }
  if (!found.isFile())
    throw new Error(found.isDirectory() ? 'it is a directory' : 'it is not a file')
  return { path: await realpath(file), mode: found.mode & 0o777 }
}

function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}`)
}
