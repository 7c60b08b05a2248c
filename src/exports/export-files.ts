import { dirname, resolve } from 'node:path'
import { FwRunError } from '../errors.ts'
import {
  placeOf,
  replaceFile,
  tryBeside,
  whyUnwritten,
  withMode,
} from '../jump-host/replace-file.ts'
import { typed } from '../text/shell-quotes.ts'

/** The forms that a result has for other programs and readers, beside its text and its JSON. */
export type Form = 'metrics' | 'page' | 'junit' | 'plan'

/** A file that gets a result in one form, and the option that names it. */
export interface ExportFile {
  readonly form: Form
  readonly option: string
  readonly file: string
}

/** Throws an `output` fault if one of these files cannot be written, or if two are the same. Leaves nothing behind. */
export async function demandWritable(files: readonly ExportFile[]): Promise<void> {
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
    try {
      await tryBeside((await placeOf(path)).path)
    } catch (cause) {
      throw unwritable(option, file, cause, untouched)
    }
  }
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
