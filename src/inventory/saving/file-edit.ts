import { type FileHandle, realpath, stat } from 'node:fs/promises'
import { FwRunError, messageOf } from '../../errors.ts'
import { replaceFile, tryBeside } from '../../replace-file.ts'
import { readInventoryFile } from '../reading/inventory-file.ts'

/**
 * Replaces the text of an inventory file by what `edit` makes of it. Readers see the old text or the new one, never a
 * part. Mode, owner and symbolic links stay. A fault is an FwRunError, and then the file is unchanged: also where
 * somebody else has changed it meanwhile.
 */
export async function editFile(file: string, edit: (text: string) => string): Promise<void> {
  const before = await readInventoryFile(file)
  const after = edit(before)
  if (after === before) return
  try {
    const path = await realpath(file)
    await replaceFile(path, after, {
      dress: await dressLike(path),
      async check() {
        if ((await readInventoryFile(file)) !== before) throw changedMeanwhile(file)
      },
    })
  } catch (cause) {
    if (cause instanceof FwRunError) throw cause
    throw unwritten(file, cause)
  }
}

/** Rejects if `editFile` could not replace the file: as its user, in its directory. */
export async function tryEditing(file: string): Promise<void> {
  const path = await realpath(file)
  await tryBeside(path, await dressLike(path))
}

/** What to say if a file cannot be replaced. */
export function unwritten(file: string, cause: unknown): FwRunError {
  return new FwRunError('inventory', `${file}: cannot be written: ${messageOf(cause)}`, { cause })
}

/** What to say if a file is not what it was when it was read. */
export function changedMeanwhile(file: string, remedy = 'Run the same command again.'): FwRunError {
  const message = `${file}: another program has changed this file.`
  return new FwRunError('inventory', message, { remedy })
}

/** Copies an inventory file with its mode and owner, onto the disk. Rejects if the owner cannot be kept. */
export async function copyBeside(path: string, copy: string): Promise<void> {
  await replaceFile(copy, await readInventoryFile(path), { dress: await dressLike(path) })
}

/** Gives a new file mode and owner of another. */
async function dressLike(path: string): Promise<(handle: FileHandle) => Promise<void>> {
  const { mode, uid, gid } = await stat(path)
  return async (handle) => {
    await handle.chown(uid, gid)
    await handle.chmod(mode & 0o7777)
  }
}
