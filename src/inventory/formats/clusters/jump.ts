import type { Location, Problems } from '../../reading/problems.ts'
import { plainVariable, type Variable } from '../../variables/variable.ts'
import type { YamlSource } from '../../yaml/yaml-source.ts'
import { type Fields, textOf } from './fields.ts'

/** The variable that leads to hosts by way of a bastion, which a tool's file states as a mapping; none if it states none. */
export function jumpBy(
  source: YamlSource,
  bastion: Fields,
  keyField: string,
  location: Location,
  problems: Problems,
): readonly Variable[] {
  const address = textOf(source, bastion.get('address'))
  if (address === undefined) return []
  const user = textOf(source, bastion.get('user'))
  const port = textOf(source, bastion.get('port'))
  if (![address, user ?? '', port ?? ''].every((word) => /^[\w.:@%-]*$/.test(word))) {
    problems.add(
      location,
      'the address, user or port of the bastion has characters that ssh does not accept',
    )
    return []
  }
  if (textOf(source, bastion.get(keyField)) !== undefined) {
    problems.warn(
      location,
      `${keyField} of the bastion is not used: set IdentityFile for it in ~/.ssh/config`,
    )
  }
  const at = user === undefined ? '' : `${user}@`
  const host = address.includes(':') ? `[${address}]` : address
  const jump = `-J ${at}${host}${port === undefined ? '' : `:${port}`}`
  return [plainVariable('ansible_ssh_common_args', jump, location)]
}
