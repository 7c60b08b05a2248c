import { isDeepStrictEqual } from 'node:util'
import {
  Document,
  isCollection,
  isMap,
  isScalar,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { FwRunError } from '../errors.ts'
import { editFile } from './saving/file-edit.ts'
import {
  appendInBraces,
  appendLines,
  columnOf,
  prependLines,
  replaceValue,
  type Splice,
  spliced,
} from './saving/splice.ts'
import { type VariableName, variableSchemas } from './variables/variable-schemas.ts'

/** A value that can be saved: one text, or a list of them. */
export type SavedValue = string | readonly string[]

/** Sets a variable under `all: vars:` of an inventory file: at once or not at all, with nothing else changed. */
export async function saveVariable(
  file: string,
  name: VariableName,
  value: SavedValue,
): Promise<void> {
  await editFile(file, (text) => withVariable(text, name, value))
}

/**
 * The text of an inventory with a variable set under `all: vars:`; every other byte stays as it is.
 * Where the shape of the text does not allow that, it is written anew with its comments kept. The result is read
 * back: unless it says what the text said, and the new value, an FwRunError tells what to write by hand.
 */
export function withVariable(text: string, name: VariableName, value: SavedValue): string {
  const fault = variableSchemas.shape[name].safeParse(value).error?.issues[0]
  if (fault) throw new FwRunError('inventory', `${name}: ${fault.message}`)
  const before = parse(text)
  const rendered = render(value)
  const splice = before.errors.length === 0 ? edit(text, before, name, rendered) : undefined
  const candidates = [
    () => (splice ? spliced(text, splice) : undefined),
    () => rewritten(text, name, rendered),
  ]
  for (const candidate of candidates) {
    const after = candidate()
    if (after !== undefined && saysOnly(before, after, name, value)) return after
  }
  throw new FwRunError('inventory', `The inventory cannot be edited in place to hold ${name}.`, {
    remedy: `Write it yourself, under all: vars:  ${name}: ${rendered}`,
  })
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' })
}

function edit(
  text: string,
  document: Document.Parsed,
  name: string,
  rendered: string,
): Splice | undefined {
  const line = `${name}: ${rendered}`
  const top: unknown = document.contents
  if (!isMap(top)) return undefined
  const all = pairOf(top, 'all')
  if (!all) return appendLines(text, top, ['all:', '  vars:', `    ${line}`])
  const outer = columnOf(text, top)
  if (isEmpty(all) && outer !== undefined) {
    return prependLines(text, all.key, outer + 2, ['vars:', `  ${line}`])
  }
  if (!isMap(all.value)) return undefined
  const vars = pairOf(all.value, 'vars')
  if (vars && isMap(vars.value)) {
    const pair = pairOf(vars.value, name)
    if (pair) return replaceValue(text, pair, rendered)
    return vars.value.flow
      ? appendInBraces(vars.value, line)
      : appendLines(text, vars.value, [line])
  }
  const inner = columnOf(text, all.value)
  if (inner === undefined) return undefined
  if (!vars) return prependLines(text, all.key, inner, ['vars:', `  ${line}`])
  return isEmpty(vars) ? prependLines(text, vars.key, inner + 2, [line]) : undefined
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name)
}

function isEmpty({ value }: Pair): boolean {
  if (value === null) return true
  return isScalar(value) && value.value === null && value.range?.[0] === value.range?.[1]
}

// Ansible reads YAML 1.1, where `on` and `1:20` are not text: such values are quoted.
function render(value: SavedValue): string {
  const document = new Document(value, { version: '1.1' })
  if (isCollection(document.contents)) document.contents.flow = true
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}

function rewritten(text: string, name: string, rendered: string): string | undefined {
  const document = parse(text)
  if (document.errors.length > 0) return undefined
  try {
    document.setIn(['all', 'vars', name], parse(rendered).contents)
    const lines = document.toString({ lineWidth: 0 })
    return text.includes('\r\n') ? lines.replace(/\r?\n/g, '\r\n') : lines
  } catch {
    // Aliases and scalars where a mapping belongs: left to a person.
    return undefined
  }
}

function saysOnly(
  before: Document.Parsed,
  after: string,
  name: string,
  value: SavedValue,
): boolean {
  const document = parse(after)
  if (document.errors.length > 0) return false
  try {
    const expected = asRecord(before.toJS())
    const all = asRecord(expected.all)
    const vars = { ...asRecord(all.vars), [name]: value }
    return isDeepStrictEqual(document.toJS(), { ...expected, all: { ...all, vars } })
  } catch {
    // An alias to nothing, or too many of them.
    return false
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
