import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { FwRunError } from '../errors.ts'
import { argumentFor } from '../inventory/source-names.ts'
import { placeOf, replaceFile, tryBeside, withMode } from '../jump-host/replace-file.ts'
import { whyUnwritten } from '../jump-host/why-unwritten.ts'
import { typed } from '../text/shell-quotes.ts'

/** The forms that a result has for other programs and readers, beside its text and its JSON. */
export type Form = 'metrics' | 'page' | 'junit' | 'plan'

/** A file that gets a result in one form, and the option that names it. */
export interface ExportFile {
  readonly form: Form
  readonly option: string
  readonly file: string
}

/** A file that the run reads, or a directory whose files it reads, and the option for it, or other words. */
export interface FileToRead {
  readonly option: string
  readonly file: string
}

/**
 * Throws an `output` fault if one of these files cannot be written, if two are the same, or if one is or would be among what the run
 * reads: the next run could not read that any more. Leaves nothing behind.
 */
export async function demandWritable(
  files: readonly ExportFile[],
  read: readonly FileToRead[],
): Promise<void> {
  const seen = new Map<string, string>()
  for (const { option, file } of files) {
    const path = resolve(file)
    const other = seen.get(path)
    if (other !== undefined) {
      throw new FwRunError('output', `${other} and ${option} name the same file. ${untouched}`, {
        remedy: 'Give each option its own file.',
      })
    }
    seen.set(path, option)
    const reader = await readerOf(path, read).catch((cause: unknown) => {
      throw unwritable(option, file, cause, untouched)
    })
    if (reader !== undefined) {
      const why = `this run reads that file, or the directory that it is in (${reader})`
      throw new FwRunError('output', `${option} ${file} cannot be written: ${why}. ${untouched}`, {
        remedy: `Give ${option} a file in another directory.`,
      })
    }
  }
}

/**
 * The option by which the run reads what is or would be at this path, itself or by a link there; undefined: none. Rejects if no file
 * can be written there.
 */
async function readerOf(path: string, read: readonly FileToRead[]): Promise<string | undefined> {
  const { path: place } = await placeOf(path)
  await tryBeside(place)
  const real = await Promise.all(
    [path, place].map(async (one) => join(await realpath(dirname(one)), basename(one))),
  )
  return read.find(({ file }) => real.some((one) => argumentFor(one, [file]) !== undefined))?.option
}

/** Writes a file whole or not at all. Throws an `output` fault, and then an older file stays as it is. */
export async function writeExport({ option, file }: ExportFile, text: string): Promise<void> {
  try {
    const { path, mode } = await placeOf(resolve(file))
    await replaceFile(path, text, { make: withMode(mode ?? 0o666 & ~process.umask()) })
  } catch (cause) {
    throw unwritable(option, file, cause, 'The result above is not affected.')
  }
}

const untouched = 'fw-run connected to no host, and changed nothing.'

function unwritable(option: string, file: string, cause: unknown, state: string): FwRunError {
  const why = whyUnwritten(cause)
  return new FwRunError('output', `${option} ${file} cannot be written: ${why}. ${state}`, {
    remedy: `Give ${option} another file, or correct its directory: \`ls -ld ${typed(dirname(resolve(file)))}\` shows it.`,
    cause,
  })
}
