import { chmod, open, realpath, stat } from 'node:fs/promises'
import { FwRunError, messageOf } from '../../../errors.ts'
import { runInGroup } from '../../../jump-host/process-group.ts'
import { replaceFile, tryBeside } from '../../../jump-host/replace-file.ts'
import { copyMs } from '../../../limits.ts'
import { createTextTail } from '../../../text/text-tail.ts'
import { readInventoryFile } from '../../reading/inventory-file.ts'

/**
 * Replaces the text of an inventory file by what `edit` makes of it. Readers see the old text or the new one, never a
 * part. Mode, owner, ACL and symbolic links stay. A fault is an FwRunError, and then the file is unchanged: also where
 * somebody else has changed it meanwhile.
 */
export async function editFile(file: string, edit: (text: string) => string): Promise<void> {
  const before = await readInventoryFile(file)
  const after = edit(before)
  if (after === before) return
  try {
    const path = await realpath(file)
    await replaceFile(path, after, {
      make: alike(path),
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
  await tryBeside(path, alike(path))
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

/** Copies an inventory file with its mode, owner and ACL, onto the disk. Rejects if the owner cannot be kept. */
export async function copyBeside(path: string, copy: string): Promise<void> {
  await replaceFile(copy, await readInventoryFile(path), { make: alike(path) })
}

/**
 * Makes files with the owner, mode and ACL of another file. Node cannot read an ACL, so `cp -p` copies it (not the `cp` of BusyBox).
 * Without the ACL, the group would get the rights of its mask. `cp` ignores an owner that it cannot keep. So owner and mode are set again.
 */
function alike(path: string): Parameters<typeof replaceFile>[2]['make'] {
  return async (made) => {
    const { mode, uid, gid } = await stat(path)
    await copyWithRights(path, made)
    // Its owner may have no right to write.
    await chmod(made, mode | 0o200)
    const handle = await open(made, 'r+')
    try {
      await handle.truncate()
      await handle.chown(uid, gid)
      await handle.chmod(mode & 0o7777)
      return handle
    } catch (cause) {
      await handle.close()
      throw cause
    }
  }
}

/** Copies a file with what `cp` keeps of its rights. Throws what that says if it cannot. */
async function copyWithRights(from: string, to: string): Promise<void> {
  const said = createTextTail()
  const listener = { stdout: () => {}, stderr: (part: Buffer) => said.push(part.toString('utf8')) }
  const end = await runInGroup('cp', ['-p', from, to], listener, AbortSignal.timeout(copyMs))
  switch (end.kind) {
    case 'exited':
      if (end.code === 0) return
      throw new Error(said.lastLine() || `cp failed with exit code ${end.code}`)
    case 'killed':
      throw new Error(`cp was killed (${end.by})`)
    case 'not-started':
      throw new Error(`cp cannot be run: ${end.cause.message}`)
    case 'aborted':
      throw new Error(`cp is not done after ${copyMs / 1000} s`)
  }
}
