import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FwRunError } from '../../errors.ts'
import type { Problems } from './problems.ts'

/** The text of an inventory file; a fault is an FwRunError that names the file and what is wrong with it. */
export async function readInventoryFile(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new FwRunError('inventory', `${file}:${lineOfFault(bytes)}: is not UTF-8 text.`, {
      remedy: 'Save the inventory as UTF-8.',
      cause,
    })
  }
}

/** Warns of the directories beside the inventory that Ansible would read and we do not. */
export async function warnOfUnreadDirectories(file: string, problems: Problems): Promise<void> {
  for (const name of ['group_vars', 'host_vars']) {
    const directory = join(dirname(file), name)
    const found = await stat(directory).catch(() => undefined)
    if (found?.isDirectory()) {
      problems.warn({ source: directory }, 'not read: variables count only in the inventory itself')
    }
  }
}

function unreadable(file: string, cause: unknown): FwRunError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FwRunError('inventory', `${file}: no such file.`, {
        remedy:
          'Name the inventory with -i FILE; inventories/three-nodes.yaml is one to begin with.',
        cause,
      })
    case 'EISDIR':
      return new FwRunError('inventory', `${file}: is a directory.`, {
        remedy: 'Name the one YAML file in it that lists the hosts.',
        cause,
      })
    case 'EACCES':
    case 'EPERM':
      return new FwRunError('inventory', `${file}: may not be read by this user.`, { cause })
    default:
      return new FwRunError('inventory', `${file}: cannot be read (${String(code ?? cause)}).`, {
        cause,
      })
  }
}

function lineOfFault(bytes: Uint8Array): number {
  let line = 1
  let start = 0
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    // A line feed is never part of a longer UTF-8 sequence, so lines can be tried one by one.
    if (!decodes(bytes.subarray(start, end))) return line
    start = end + 1
    line += 1
  }
  return line
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
