import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { recognise } from '../../formats/recognise.ts'
import { readInventoryFile } from '../../reading/inventory-file.ts'
import { isHostList, isStdin } from '../../source-names.ts'
import { isProgram } from '../../sources/program.ts'

/** What the arguments of `-i` name, for one who wants to write to it. `directory`: where its `group_vars` belong. */
export type EditedSource =
  | {
      readonly kind: 'yaml' | 'ini' | 'json'
      readonly file: string
      readonly text: string
      readonly directory: string
    }
  | { readonly kind: 'several' | 'list' | 'stdin' }
  | {
      readonly kind: 'directory' | 'script' | 'rke' | 'k0sctl' | 'kubectl' | 'other'
      readonly directory: string
    }

/** Finds out what the arguments of `-i` name. Only one file of Ansible's YAML or INI is ours to edit. */
export async function sourceToEdit(given: readonly string[]): Promise<EditedSource> {
  const [file = '', ...more] = given
  if (more.length > 0) return { kind: 'several' }
  if (isStdin(file)) return { kind: 'stdin' }
  if (isHostList(file)) return { kind: 'list' }
  const found = await stat(file).catch(() => undefined)
  if (found?.isDirectory()) return { kind: 'directory', directory: file }
  const directory = dirname(file)
  if (await isProgram(file)) return { kind: 'script', directory }
  const text = await readInventoryFile(file)
  const { kind } = recognise(text, file)
  switch (kind) {
    case 'yaml':
    case 'ini':
      return { kind: isJson(text) ? 'json' : kind, file, text, directory }
    case 'rke':
    case 'k0sctl':
    case 'kubectl':
      return { kind, directory }
    default:
      return { kind: 'other', directory }
  }
}

function isJson(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text)
}
