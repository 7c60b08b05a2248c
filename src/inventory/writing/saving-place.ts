import { join } from 'node:path'
import { sourceToEdit } from './files/editable.ts'

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
  const byHand = (advice: string): SavingPlace => ({ kind: 'by-hand', advice })
  const source = await sourceToEdit(given)
  switch (source.kind) {
    case 'yaml':
      return { kind: 'file', file: source.file }
    case 'ini':
      return byHand(`write \`${name}=${value}\` into ${source.file}, in the section [all:vars]`)
    case 'several':
    case 'list':
    case 'stdin':
      return byHand(
        `write a file with the line \`all: { vars: { ${name}: ${value} } }\`, and add -i FILE`,
      )
    default:
      return byHand(
        `write \`${name}: ${value}\` into ${join(source.directory, 'group_vars/all.yml')}`,
      )
  }
}
