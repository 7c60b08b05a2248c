import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { recognise } from './formats/recognise.ts'
import { readInventoryFile } from './reading/inventory-file.ts'
import { isHostList, isStdin } from './source-names.ts'
import { isProgram } from './sources/program.ts'

/** Where a variable for all hosts is saved: in a file that fw-run may edit; or by hand, with advice what to write where. */
export type SavingPlace =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'by-hand'; readonly advice: string }

/** The place for a variable of the inventory that these arguments of `-i` name. Only one YAML inventory of Ansible's is ours to edit. */
export async function savingPlace(
  given: readonly string[],
  name: string,
  value: string,
): Promise<SavingPlace> {
  const [argument = '', ...more] = given
  const byHand = (advice: string): SavingPlace => ({ kind: 'by-hand', advice })
  const ownFile = `write a file with the line \`all: { vars: { ${name}: ${value} } }\`, and add -i FILE`
  if (more.length > 0 || isStdin(argument) || isHostList(argument)) return byHand(ownFile)
  const found = await stat(argument)
  const directory = found.isDirectory() ? argument : dirname(argument)
  const varsFile = `write \`${name}: ${value}\` into ${join(directory, 'group_vars/all.yml')}`
  if (found.isDirectory() || (await isProgram(argument))) return byHand(varsFile)
  switch (recognise(await readInventoryFile(argument), argument).kind) {
    case 'yaml':
      return { kind: 'file', file: argument }
    case 'ini':
      return byHand(`write \`${name}=${value}\` into ${argument}, in the section [all:vars]`)
    default:
      return byHand(varsFile)
  }
}
