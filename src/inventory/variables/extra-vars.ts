import { isMap } from 'yaml'
import { shown } from '../../text/shown.ts'
import { type Place, Problems } from '../reading/problems.ts'
import { entriesOf, parseYaml } from '../yaml/yaml-source.ts'
import { type Plain, read, type Variable } from './variable.ts'
import { isSecretName } from './variable-schemas.ts'

/**
 * The variables of the `-e` arguments, each `name=value` or a YAML or JSON mapping; the last of a name wins.
 * A value is read as YAML where it is YAML, else as the text that it is.
 */
export function parseExtraVars(
  given: readonly string[],
  problems: Problems,
): ReadonlyMap<string, Variable> {
  const variables = new Map<string, Variable>()
  for (const argument of given) {
    const found = /^\s*\{/.test(argument)
      ? fromMapping(argument, problems)
      : fromAssignment(argument, problems)
    for (const variable of found) variables.set(variable.name, variable)
  }
  return variables
}

/** The variable that `--interface` sets, over `-e`. */
export function interfaceFlag(value: string | undefined): ReadonlyMap<string, Variable> {
  if (value === undefined) return new Map()
  const name = 'fw_interface'
  return new Map([[name, givenBy({ source: '--interface' }, name, { value, flaw: undefined })]])
}

function fromMapping(argument: string, problems: Problems): readonly Variable[] {
  const source = parseYaml(argument, '-e', problems)
  if (!source) return []
  const top = source.document.contents
  if (!isMap(top)) {
    problems.add({ source: '-e' }, 'is not a mapping of names to values')
    return []
  }
  return entriesOf(source, top).map(({ key, value }) => extraVariable(key, read(source, value)))
}

function fromAssignment(argument: string, problems: Problems): readonly Variable[] {
  const match = /^\s*([A-Za-z_][\w-]*)=(.*)$/s.exec(argument)
  const [, name = '', value = ''] = match ?? []
  if (!match) {
    // The argument may be a password that lost its name: it is not shown.
    const message = argument.startsWith('@')
      ? `${shown(argument)}: variables are not read from files`
      : 'is neither name=value nor a mapping such as {"name": "value"}'
    problems.add({ source: '-e' }, message)
    return []
  }
  if (/^[^"'[{]*\s\w+=/.test(value) && !isSecretName(name)) {
    problems.add(placeOf(name), 'holds more than one variable: give each its own -e')
    return []
  }
  return [extraVariable(name, isSecretName(name) ? { value, flaw: undefined } : readText(value))]
}

function extraVariable(
  name: string,
  reading: { readonly value: Plain | undefined; readonly flaw: string | undefined },
): Variable {
  return givenBy(placeOf(name), name, reading)
}

function givenBy(place: Place, name: string, reading: Pick<Variable, 'value' | 'flaw'>): Variable {
  return { name, place, ...reading, extra: true, placeOf: () => place }
}

function placeOf(name: string): Place {
  return { source: `-e ${name}` }
}

function readText(value: string): ReturnType<typeof read> {
  const source = parseYaml(value, '-e', new Problems())
  return source ? read(source, source.document.contents) : { value, flaw: undefined }
}
