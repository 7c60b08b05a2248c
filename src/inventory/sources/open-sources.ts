import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { typed } from '../../text/shell-quotes.ts'
import { readInventoryFile, readStdin, STDIN } from '../reading/inventory-file.ts'
import type { Problems } from '../reading/problems.ts'
import { isHostList, isStdin } from '../source-names.ts'
import { askScript } from './ask-script.ts'
import { inventoriesIn } from './inventories-in.ts'
import { isProgram } from './program.ts'
import type { OpenedSources, Source } from './source.ts'

/** What interrupts an inventory script, texts to read in place of what files hold now, and whether scripts are left out. */
interface OpeningOptions {
  readonly signal?: AbortSignal | undefined
  readonly texts?: ReadonlyMap<string, string> | undefined
  readonly filesOnly?: boolean
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
  for (const argument of given) {
    if (isHostList(argument)) {
      sources.push({ name: argument, kind: 'list', text: argument, directory: '.' })
    } else if (isStdin(argument)) {
      const text = await readStdin(options.signal)
      sources.push({ name: STDIN, kind: 'file', text, directory: '.' })
    } else {
      const isFolder = await isDirectory(argument)
      const files = isFolder ? await inventoriesIn(argument, problems) : [argument]
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
  return { sources, varsDirectories: [...varsDirectories] }
}

async function openFile(file: string, { signal, texts }: OpeningOptions): Promise<Source> {
  const directory = dirname(file)
  const given = texts?.get(file)
  if (given !== undefined) return { name: file, kind: 'file', text: given, directory }
  if (await isProgram(file)) {
    const text = await askScript(file, signal)
    return { name: `${typed(file)} --list`, kind: 'output', text, directory }
  }
  return { name: file, kind: 'file', text: await readInventoryFile(file), path: file, directory }
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() ?? false
}
