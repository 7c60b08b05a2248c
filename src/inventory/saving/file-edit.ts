import { type FileHandle, realpath, stat } from 'node:fs/promises'
import { FwRunError } from '../../errors.ts'
import { replaceFile } from '../../replace-file.ts'
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
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FwRunError('inventory', `${file}: cannot be written: ${reason}`, { cause })
  }
}

function changedMeanwhile(file: string): FwRunError {
  return new FwRunError('inventory', `${file}: was changed by another program meanwhile.`, {
    remedy: 'Run fw-run again.',
  })
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
