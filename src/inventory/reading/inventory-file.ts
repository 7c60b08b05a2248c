import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { maxInventoryBytes } from '../../limits.ts'
import type { Problems } from './problems.ts'

/** The text of an inventory file. A fault is an FwRunError that names the file and what is wrong with it. */
export function readInventoryFile(file: string): Promise<string> {
  return readText(file, { code: 'inventory', noun: 'inventory', missing: missingInventory(file) })
}

/** The text of the file that `-e @FILE` names. A fault is bad usage. */
export function readExtraVarsFile(file: string): Promise<string> {
  return readText(file, { code: 'usage', noun: 'file', missing: 'Check the path after -e @.' })
}

/** Warns of directories beside the inventory that Ansible would read and fw-run does not. */
export async function warnOfUnreadDirectories(file: string, problems: Problems): Promise<void> {
  for (const name of ['group_vars', 'host_vars']) {
    const directory = join(dirname(file), name)
    const found = await stat(directory).catch(() => undefined)
    if (found?.isDirectory()) {
      problems.warn(
        { source: directory },
        'fw-run does not read this directory: put its variables into the inventory file',
      )
    }
  }
}

/** What messages about a file need to know of its purpose. */
interface Purpose {
  readonly code: 'inventory' | 'usage'
  readonly noun: string
  /** What to do if there is no such file. */
  readonly missing: string
}

async function readText(file: string, purpose: Purpose): Promise<string> {
  const fail = (message: string, details: { remedy?: string; cause?: unknown } = {}): FwRunError =>
    new FwRunError(purpose.code, `${file}: ${message}`, details)
  // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (cause: unknown) => {
      throw unreadable(fail, purpose, cause)
    },
  )
  try {
    const bytes = await readAll(handle, fail, purpose)
    return decoded(bytes, file, purpose)
  } finally {
    await handle.close()
  }
}

type Fail = (message: string, details?: { remedy?: string; cause?: unknown }) => FwRunError

async function readAll(handle: FileHandle, fail: Fail, purpose: Purpose): Promise<Uint8Array> {
  const found = await handle.stat()
  if (found.isDirectory()) {
    throw fail('is a directory.', { remedy: 'Name the one YAML file in it that lists the hosts.' })
  }
  if (!found.isFile()) {
    throw fail('is not a regular file.', { remedy: `Save the ${purpose.noun} to a file first.` })
  }
  if (found.size > maxInventoryBytes) {
    throw fail(`is larger than ${maxInventoryBytes / 1e6} MB.`, {
      remedy: 'Keep only hosts, groups and the variables that fw-run uses.',
    })
  }
  return handle.readFile().catch((cause: unknown) => {
    throw unreadable(fail, purpose, cause)
  })
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
  return file.includes(',')
    ? 'fw-run reads hosts from a YAML file, not from a list such as "host1,host2".'
    : 'Name the inventory with -i FILE; inventories/three-nodes.yaml is an example.'
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
