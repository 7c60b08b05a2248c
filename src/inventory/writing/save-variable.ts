import { isDeepStrictEqual } from 'node:util'
import { type Document, parseDocument } from 'yaml'
import { FwRunError } from '../../errors.ts'
import { maxAliasedValues } from '../../limits.ts'
import { type FilesRead, sumOf } from '../files-read.ts'
import { type VariableName, variableSchemas } from '../variables/variable-schemas.ts'
import { renderValue } from '../yaml/render-value.ts'
import { editFile } from './files/file-edit.ts'
import { spliced } from './splices/splice.ts'
import { variableSplice } from './splices/variable-splice.ts'

/** A value that can be saved: one text, or a list of them. */
export type SavedValue = string | readonly string[]

/**
 * Sets a variable under `all: vars:` of an inventory file. Nothing else is changed, and never a part of it only. Of the files that were
 * read, this one then has the new text; unless somebody else had changed it before, which stays known.
 */
export async function saveVariable(
  file: string,
  name: VariableName,
  value: SavedValue,
  files: FilesRead,
): Promise<void> {
  let after: string | undefined
  await editFile(file, (text) => {
    const edited = withVariable(file, text, name, value)
    if (files.get(file) === sumOf(text)) after = edited
    return edited
  })
  if (after !== undefined) files.set(file, sumOf(after))
}

/**
 * The text of an inventory with a variable set under `all: vars:`. Every other byte stays. If the shape of the text does not allow
 * that, or the result does not say the same as before and the new value, an FwRunError says what to write by hand.
 */
export function withVariable(
  file: string,
  text: string,
  name: VariableName,
  value: SavedValue,
): string {
  const fault = variableSchemas.shape[name].safeParse(value).error?.issues[0]
  if (fault) throw new FwRunError('inventory', `${name}: ${fault.message}`)
  const before = parse(text)
  const rendered = renderValue(value)
  const isYaml = before.errors.length === 0
  const splice = isYaml ? variableSplice(text, before, name, rendered) : undefined
  const after = splice && spliced(text, splice)
  if (after !== undefined && saysOnly(before, after, name, value)) return after
  throw new FwRunError('inventory', `fw-run cannot write ${name} into ${file}.`, {
    remedy: `Write this under all: vars: in that file:  ${name}: ${rendered}\nThen run the same command again.`,
  })
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' })
}

/** Whether a text says what the document said, and that a variable has a value. */
function saysOnly(
  before: Document.Parsed,
  after: string,
  name: string,
  value: SavedValue,
): boolean {
  const document = parse(after)
  if (document.errors.length > 0) return false
  try {
    const expected = asRecord(plain(before))
    const all = asRecord(expected.all)
    const vars = { ...asRecord(all.vars), [name]: value }
    return isDeepStrictEqual(plain(document), { ...expected, all: { ...all, vars } })
  } catch {
    // An alias stands for nothing, or for too much.
    return false
  }
}

function plain(document: Document.Parsed): unknown {
  return document.toJS({ maxAliasCount: maxAliasedValues })
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
