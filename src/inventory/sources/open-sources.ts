import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { typed } from '../../text/shell-quotes.ts'
import type { FilesRead } from '../files-read.ts'
import { readInventoryFile, readStdin, STDIN } from '../reading/inventory-file.ts'
import type { Problems } from '../reading/problems.ts'
import { isHostList, isStdin } from '../source-names.ts'
import { askScript } from './ask-script.ts'
import { inventoriesIn } from './inventories-in.ts'
import { isProgram } from './program.ts'
import type { OpenedSources, Source } from './source.ts'

/** What interrupts an inventory script, and texts to read in place of what files hold now. `filesOnly`: scripts are left out. `again`: a script, or `-`, is a fault. */
interface OpeningOptions {
  readonly signal?: AbortSignal | undefined
  readonly texts?: ReadonlyMap<string, string> | undefined
  readonly filesOnly?: boolean
  readonly again?: boolean | undefined
}

/**
 * Reads what the arguments of all `-i` name: lists of hosts, `-`, files, scripts, and directories of files and scripts.
 */
export async function openSources(
  given: readonly string[],
  problems: Problems,
  options: OpeningOptions,
): Promise<OpenedSources> {
  const sources: Source[] = []
  const varsDirectories = new Set<string>()
  const listings: FilesRead = new Map()
  for (const argument of given) {
    if (isHostList(argument)) {
      sources.push({ name: argument, kind: 'list', text: argument, directory: '.' })
    } else if (isStdin(argument)) {
      if (options.again) throw notAgain(STDIN)
      const text = await readStdin(options.signal)
      sources.push({ name: STDIN, kind: 'file', text, directory: '.' })
    } else {
      const isFolder = await isDirectory(argument)
      const files = isFolder ? await inventoriesIn(argument, listings, problems) : [argument]
      for (const file of files) {
        if (!options.filesOnly || !(await isProgram(file)))
          sources.push(await openFile(file, options))
      }
      // Ansible reads the variables of a directory again for each inventory in it: the last one counts.
      const beside = isFolder ? argument : dirname(argument)
      varsDirectories.delete(beside)
      varsDirectories.add(beside)
      if (files.length === 0)
        problems.add({ source: argument }, 'is a directory without inventories')
    }
  }
  return { sources, varsDirectories: [...varsDirectories], listings }
}

async function openFile(file: string, { signal, texts, again }: OpeningOptions): Promise<Source> {
  const directory = dirname(file)
  const given = texts?.get(file)
  if (given !== undefined) return { name: file, kind: 'file', text: given, directory }
  if (await isProgram(file)) {
    if (again) throw notAgain(file)
    const text = await askScript(file, signal)
    return { name: `${typed(file)} --list`, kind: 'output', text, directory }
  }
  return { name: file, kind: 'file', text: await readInventoryFile(file), path: file, directory }
}

function notAgain(name: string): FwRunError {
  return new FwRunError('inventory', `${name}: is read once in a run.`)
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? false
}
