import { typed } from '../../../text/shell-quotes.ts'
import type { HostChange } from '../edit-hosts.ts'
import type { EditedSource } from './editable.ts'

/** What an inventory is that fw-run does not edit, to follow "fw-run does not edit". */
export function describeSource({ kind }: EditedSource, given: readonly string[]): string {
  const [argument = ''] = given
  switch (kind) {
    case 'several':
      return 'several inventories'
    case 'list':
      return 'a list of hosts'
    case 'stdin':
      return 'the standard input'
    case 'directory':
      return `the directory ${argument}`
    case 'script':
      return `what the script ${argument} prints`
    case 'json':
      return `${argument}, because it is JSON`
    case 'rke':
      return `${argument}, because it is a file of RKE`
    case 'k0sctl':
      return `${argument}, because it is a file of k0sctl`
    case 'kubectl':
      return `${argument}, because kubectl wrote it`
    default:
      return argument
  }
}

/** Where a person makes a change of a host, as a sentence. */
export function stepByHand(
  { kind }: EditedSource,
  given: readonly string[],
  host: HostChange,
): string {
  const { kind: verb, name } = host
  const [argument = ''] = given
  const adds = verb === 'add'
  const words = adds ? `Add ${name} to` : `Delete ${name} from`
  switch (kind) {
    case 'several':
      return adds
        ? `Add ${name} to one of these inventories.`
        : `Delete ${name} from the inventory that lists it.`
    case 'list':
      return `From now on, give -i ${typed(changedList(argument, host))}`
    case 'stdin':
      return `${words} what you pipe into fw-run.`
    case 'directory':
      return adds
        ? `Add ${name} to a file in that directory.`
        : `Delete ${name} from the file in that directory that lists it.`
    case 'script':
      return adds
        ? `Change the script so that it prints ${name}, too.`
        : `Change the script so that it does not print ${name}.`
    case 'json':
      return `${words} "hosts" in that file.`
    case 'rke':
      return `${words} \`nodes:\` in that file.`
    case 'k0sctl':
      return `${words} \`spec: hosts:\` in that file.`
    case 'kubectl':
      return adds
        ? `Join ${name} to the cluster. Then write the list again: \`kubectl get nodes -o json > ${typed(argument)}\``
        : `When the cluster no longer has ${name}, write the list again: \`kubectl get nodes -o json > ${typed(argument)}\``
    default:
      return adds
        ? `Write ${name} into ${argument}.`
        : `Delete ${name} from ${argument}. If it is part of a range such as node[1:3], name each host in a line of its own.`
  }
}

/** A list of hosts after a change. It has no place for a name beside the address. */
export function changedList(list: string, change: HostChange): string {
  const hosts = list.split(',').map((one) => one.trim())
  const others = hosts.filter((one) => one !== '' && one !== change.name)
  return [...others, ...(change.kind === 'add' ? [change.address ?? change.name] : []), ''].join(
    ',',
  )
}
