import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { renameOntoDisk } from '../../jump-host/replace-file.ts'
import { typed } from '../../text/shell-quotes.ts'
import { changedMeanwhile, copyBeside, editFile, tryEditing, unwritten } from './files/file-edit.ts'

/** A change of an inventory file by a run, as its journal records it: no text of the file, which may hold passwords. */
export interface FileChange {
  /** The file itself, without symbolic links. */
  readonly file: string
  /** Where its bytes from before lie until the run has ended. */
  readonly backup: string
  /** SHA-256 of its bytes before and after. */
  readonly before: string
  readonly after: string
}

/** The change of a file from one text to another by a run, before it is made. */
export async function fileChange(
  file: string,
  texts: { readonly before: string; readonly after: string },
  run: string,
): Promise<FileChange> {
  const path = await realpath(file)
  return {
    file: path,
    backup: join(dirname(path), `.${basename(path)}.before-${run}`),
    before: sumOf(texts.before),
    after: sumOf(texts.after),
  }
}

/** Throws an FwRunError, before anything is changed, if the file could not be changed. */
export async function demandChangeable(file: string): Promise<void> {
  await tryEditing(file).catch((cause) => {
    const message = `${unwritten(file, cause).message}. fw-run connected to no host, and changed nothing.`
    throw new FwRunError('inventory', message, {
      remedy: `Run fw-run as the owner of the file. This user must also be able to write in the directory, because fw-run replaces the file. \`ls -ld ${typed(dirname(file))} ${typed(file)}\` shows the owners and modes of both.`,
      cause,
    })
  })
}

/** Puts the bytes from before aside, then replaces the file. An FwRunError if it cannot, or if the file was changed meanwhile: then nothing is changed. */
export async function makeFileChange(change: FileChange, text: string): Promise<void> {
  const { file, backup, before } = change
  const sum = await sumOfFile(file)
  if (sum !== before) throw changedMeanwhile(file)
  try {
    await copyBeside(file, backup)
    await replaceText(change, text)
  } catch (cause) {
    forgetFileChange({ backup })
    if (cause instanceof FwRunError) throw cause
    throw unwritten(file, cause)
  }
}

/** The same, but puts nothing aside: for a change that nobody takes back. */
export async function replaceText({ file, before }: FileChange, text: string): Promise<void> {
  await editFile(file, (now) => {
    if (sumOf(now) !== before) throw changedMeanwhile(file)
    return text
  })
}

/**
 * Brings back the bytes from before, unless they are there, or somebody has made the file another one and has deleted them. An FwRunError
 * if it cannot, and then the file stays: somebody else has changed it since, or the bytes from before are lost.
 */
export async function takeBackFileChange({
  file,
  backup,
  before,
  after,
}: FileChange): Promise<'restored' | 'as-it-is'> {
  const now = await sumOfFile(file)
  if (now === before) {
    forgetFileChange({ backup })
    return 'as-it-is'
  }
  const old = await sumOfFile(backup)
  if (old === undefined && now !== after && !existsSync(backup)) return 'as-it-is'
  if (old !== before && now === after) throw lost(file, backup)
  if (old !== before || now !== after) {
    throw changedMeanwhile(
      file,
      `${backup} is the copy from before that run. Compare the two, and correct ${file} if needed. Then delete ${backup}, and run the same command again.`,
    )
  }
  await renameOntoDisk(backup, file)
  return 'restored'
}

/** What to say if a file has a change that is to be taken back, and the bytes from before are not there any more. */
function lost(file: string, backup: string): FwRunError {
  const message = `${file}: a run changed this file, but did not decide to keep the change. fw-run cannot restore the old file: ${backup} is lost, damaged, or cannot be read.`
  return new FwRunError('inventory', message, {
    remedy: `\`ls -l ${typed(backup)}\` shows whether you can read that copy. If not, make it readable. If it is lost or damaged, undo the change in ${file} by hand, and delete ${backup}. Then run the same command again.`,
  })
}

/** The text from before, as long as it is put aside. */
export async function textBeforeChange({ backup }: FileChange): Promise<string | undefined> {
  return readFile(backup, 'utf8').catch(() => undefined)
}

/** Deletes the bytes from before, which nobody needs any more. Never throws. */
export function forgetFileChange({ backup }: Pick<FileChange, 'backup'>): void {
  try {
    rmSync(backup, { force: true })
  } catch {
    // It is in nobody's way.
  }
}

function sumOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The sum of a file; undefined if it cannot be read. */
async function sumOfFile(file: string): Promise<string | undefined> {
  return readFile(file).then(sumOf, () => undefined)
}
