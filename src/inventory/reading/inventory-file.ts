import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { FwRunError } from '../../errors.ts'
import { maxInventoryBytes, maxJsonBytes } from '../../limits.ts'
import { typed } from '../../text/shell-quotes.ts'
import { KEEP_LESS } from './refusals.ts'

/** The text of an inventory file. A fault is an FwRunError that names the file and what is wrong with it. */
export async function readInventoryFile(file: string): Promise<string> {
  return readInventoryFileNow(file)
}

/** The same at once. */
export function readInventoryFileNow(file: string): string {
  return readTextNow(file, {
    ...{ code: 'inventory', noun: 'inventory', missing: missingInventory(file) },
    mayBeJson: true,
  })
}

/** The text of the file that `-e @FILE` names. A fault is bad usage. */
export async function readExtraVarsFile(file: string): Promise<string> {
  return readTextNow(file, { code: 'usage', noun: 'file', missing: 'Check the path after -e @.' })
}

/** The text of the file that `--limit @FILE` names. A fault is bad usage. */
export function readLimitFile(file: string): string {
  return readTextNow(file, { code: 'usage', noun: 'file', missing: 'Check the path after @.' })
}

/** The text of a file of `group_vars` or `host_vars`. */
export function readVarsFile(file: string): string {
  return readTextNow(file, {
    code: 'inventory',
    noun: 'file',
    missing: 'Check the link: the file that it points to does not exist.',
  })
}

/** What messages about a file need to know of its purpose. */
interface Purpose {
  readonly code: 'inventory' | 'usage'
  readonly noun: string
  /** What to do if there is no such file. */
  readonly missing: string
  /** Whether it may be JSON of kubectl or of a script, which may be larger. */
  readonly mayBeJson?: boolean
}

/** The text on the standard input. A fault is an FwRunError; `interrupted` if Ctrl-C comes first. */
export async function readStdin(signal?: AbortSignal): Promise<string> {
  const purpose: Purpose = { code: 'usage', noun: 'inventory', missing: '', mayBeJson: true }
  if (process.stdin.isTTY) {
    throw new FwRunError('usage', '-i - reads the standard input, but that is a terminal.', {
      remedy: 'Pipe an inventory into fw-run: kubectl get nodes -o json | fw-run preflight -i -',
    })
  }
  const chunks: Buffer[] = []
  let size = 0
  const stop = (): void => void process.stdin.destroy()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of process.stdin) {
      chunks.push(chunk)
      size += chunk.length
      if (size <= maxInventoryBytes) continue
      const largest = largestFor(Buffer.concat(chunks.slice(0, 16)), purpose)
      if (size > largest) throw tooLarge(failureOf(STDIN, purpose), largest)
    }
  } catch (cause) {
    if (!signal?.aborted) throw cause
  } finally {
    signal?.removeEventListener('abort', stop)
  }
  if (signal?.aborted) {
    throw new FwRunError(
      'interrupted',
      'Interrupted while reading the standard input. Nothing was changed.',
    )
  }
  return decoded(Buffer.concat(chunks), STDIN, purpose)
}

/** What messages call the standard input. */
export const STDIN = 'standard input'

/** Waits for nobody: thousands of small files take three times as long by promises. */
function readTextNow(file: string, purpose: Purpose): string {
  const fail = failureOf(file, purpose)
  try {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return decoded(readAll(descriptor, fail, purpose), file, purpose)
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw cause instanceof FwRunError ? cause : unreadable(fail, purpose, cause)
  }
}

function failureOf(file: string, { code }: Purpose): Fail {
  return (message, details = {}) => new FwRunError(code, `${file}: ${message}`, details)
}

function tooLarge(fail: Fail, bytes: number): FwRunError {
  return fail(`is larger than ${bytes / 1e6} MB.`, {
    remedy: KEEP_LESS,
  })
}

/** How many bytes are read of what begins so: JSON is parsed a hundred times as fast as YAML. */
function largestFor(start: Uint8Array, { mayBeJson }: Purpose): number {
  const text = Buffer.from(start.subarray(0, 1024)).toString('latin1')
  return mayBeJson && /^(\xef\xbb\xbf)?\s*\{/.test(text) ? maxJsonBytes : maxInventoryBytes
}

type Fail = (message: string, details?: { remedy?: string; cause?: unknown }) => FwRunError

function readAll(descriptor: number, fail: Fail, purpose: Purpose): Uint8Array {
  const found = fstatSync(descriptor)
  if (found.isDirectory()) {
    throw fail('is a directory.', { remedy: 'Name a file.' })
  }
  if (!found.isFile()) {
    throw fail('is not a regular file.', { remedy: `Save the ${purpose.noun} to a file first.` })
  }
  if (found.size <= maxInventoryBytes) return readFileSync(descriptor)
  const start = Buffer.alloc(1024)
  readSync(descriptor, start, 0, start.length, 0)
  const largest = largestFor(start, purpose)
  if (found.size > largest) throw tooLarge(fail, largest)
  return readFileSync(descriptor)
}

function decoded(bytes: Uint8Array, file: string, { code, noun }: Purpose): string {
  const fail = (location: string, message: string, cause?: unknown): FwRunError =>
    new FwRunError(code, `${file}:${location}: ${message}`, {
      remedy: `Save the ${noun} as UTF-8 text.`,
      cause,
    })
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const nul = text.indexOf('\0')
    if (nul === -1) return text
    throw fail(locationAfter(text.slice(0, nul)), 'is not text: it contains a NUL character.')
  } catch (cause) {
    if (cause instanceof FwRunError) throw cause
    const [before = ''] = new TextDecoder('utf-8', { ignoreBOM: true })
      .decode(bytes)
      .split('\uFFFD')
    throw fail(locationAfter(before), 'is not UTF-8 text.', cause)
  }
}

/** `line:column` of what follows a text. */
function locationAfter(text: string): string {
  const lines = text.split('\n')
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`
}

function missingInventory(file: string): string {
  return `Name the inventory with -i FILE; \`fw-run init\` writes one. For one host, write a comma after it: -i ${typed(`${file},`)}`
}

function unreadable(fail: Fail, { missing }: Purpose, cause: unknown): FwRunError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail('no such file.', { remedy: missing, cause })
    case 'EACCES':
    case 'EPERM':
      return fail('this user cannot read the file.', { cause })
    default:
      return fail(`cannot be read (${String(code ?? cause)}).`, { cause })
  }
}
