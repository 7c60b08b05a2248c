import { isMap } from 'yaml'
import { isVaultFile } from '../formats/recognise.ts'
import { createProblems, type Location, type Problems } from '../reading/problems.ts'
import { VAULT_FILE } from '../reading/refusals.ts'
import { entriesOf } from '../yaml/entries.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'
import { type Reading, readPlain, readValue } from '../yaml/plain-value.ts'
import { type Variable, variableFrom } from './variable.ts'
import { isSecretName } from './variable-schemas.ts'

/** One `-e`: its argument, or the text of the file that `@FILE` names. */
export type ExtraVars = string | { readonly file: string; readonly text: string }

/**
 * The variables of all `-e`. As in Ansible, each is `name=value name=value`, a YAML or JSON mapping, or a file of such
 * a mapping; the last value of a name wins. A value is read as YAML if it is valid YAML, else as plain text.
 */
export function parseExtraVars(
  given: readonly ExtraVars[],
  problems: Problems,
): ReadonlyMap<string, Variable> {
  const variables = given.flatMap((one) => variablesOf(one, problems))
  return new Map(variables.map((variable) => [variable.name, variable]))
}

/** The variable that `--interface` sets, over `-e`. */
export function interfaceFlag(value: string | undefined): ReadonlyMap<string, Variable> {
  if (value === undefined) return new Map()
  const name = 'fw_interface'
  const reading = { value, unreadable: undefined }
  return new Map([[name, onCommandLine('--interface', name, reading)]])
}

function variablesOf(given: ExtraVars, problems: Problems): readonly Variable[] {
  if (typeof given !== 'string') return fromFile(given, problems)
  return /^\s*[[{]/.test(given) ? fromMapping(given, problems) : fromAssignments(given, problems)
}

function fromFile(
  { file, text }: Exclude<ExtraVars, string>,
  problems: Problems,
): readonly Variable[] {
  const origin: Location = { source: file, onCommandLine: true }
  if (isVaultFile(text)) {
    problems.add(origin, VAULT_FILE.message, VAULT_FILE.remedy)
    return []
  }
  const source = parseYaml(text, origin, problems)
  if (!source) return []
  if (isMap(source.top)) {
    return entriesOf(source, source.top).map((entry) => ({
      ...variableFrom(source, entry),
      extra: true,
    }))
  }
  problems.add(origin, 'must be a mapping of names to values', 'Write each as "name: value".')
  return []
}

function fromMapping(argument: string, problems: Problems): readonly Variable[] {
  const source = parseYaml(argument, FLAG, problems)
  if (!source) return []
  if (isMap(source.top)) {
    return entriesOf(source, source.top).map(({ key, value }) =>
      onCommandLine(`-e ${key}`, key, readValue(source, value)),
    )
  }
  problems.add(FLAG, 'must be a mapping of names to values', FORMS)
  return []
}

function fromAssignments(argument: string, problems: Problems): readonly Variable[] {
  const found = [...argument.matchAll(ASSIGNMENT)]
  if (found.map(([text]) => text).join('') === argument && found.length > 0) {
    return found.map(([, name = '', value = '']) =>
      onCommandLine(`-e ${name}`, name, isSecretName(name) ? letters(value) : textOrYaml(value)),
    )
  }
  // The argument may be a password that lost its name: it is not shown.
  problems.add(FLAG, 'cannot be read: name=value is missing', FORMS)
  return []
}

const FLAG: Location = { source: '-e', onCommandLine: true }

const FORMS =
  'Write -e name=value, -e \'{"name": "value"}\', or -e @FILE for a file with such a mapping.'

/** A name, and a value that ends at the end or before the next `name=`. Quotes and brackets around a value keep it whole. */
const ASSIGNMENT =
  /\s*([A-Za-z_][\w-]*)=("[^"]*"|'[^']*'|\[.*?\]|\{.*?\}|.*?)\s*(?=$|(?<=\s)[A-Za-z_][\w-]*=)/gsy

/** A password: letter for letter, without the quotes around it. Only a template in it is replaced, as in Ansible. */
function letters(text: string): Reading {
  const value = /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text
  return value.includes('{{') ? readPlain(value) : { value, unreadable: undefined }
}

function textOrYaml(text: string): Reading {
  // Without quotes, YAML takes `{{ x }}` for a mapping.
  if (text.includes('{{')) return readPlain(text)
  const source = parseYaml(text, FLAG, createProblems())
  if (!source) return { value: text, unreadable: undefined }
  // For Ansible the value of name=value is text.
  return { ...readValue(source, source.top), marked: undefined }
}

function onCommandLine(flag: string, name: string, reading: Reading): Variable {
  const location = { source: flag, onCommandLine: true }
  return { name, location, ...reading, extra: true, locationOf: () => location }
}
