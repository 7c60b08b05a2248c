import { randomUUID } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FwRunError } from '../../errors.ts'
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
    await replace(await realpath(file), after, async () => {
      if ((await readInventoryFile(file)) !== before) throw changedMeanwhile(file)
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

/** Not write-file-atomic: it would go on without the owner where that cannot be kept, and follow a link at its own name. */
async function replace(path: string, text: string, check: () => Promise<void>): Promise<void> {
  const { mode, uid, gid } = await stat(path)
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.chown(uid, gid)
      await handle.chmod(mode & 0o7777)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await check()
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}
