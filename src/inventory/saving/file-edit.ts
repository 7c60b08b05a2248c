import { randomUUID } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { readInventoryFile } from '../reading/inventory-file.ts'

/**
 * Replaces the text of an inventory file by what `edit` makes of it, in one rename: readers see the old text or the
 * new one. Mode and owner stay, a symbolic link stays one. A fault is an FwRunError, and the file is as it was.
 */
export async function editFile(file: string, edit: (text: string) => string): Promise<void> {
  const before = await readInventoryFile(file)
  const after = edit(before)
  if (after === before) return
  try {
    await replace(await realpath(file), after)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FwRunError('inventory', `${file}: cannot be written: ${reason}`, { cause })
  }
}

async function replace(target: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(target)
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      if (uid !== process.getuid?.() || gid !== process.getgid?.()) await handle.chown(uid, gid)
      await handle.chmod(mode & 0o7777)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, target)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}
