import { type Document, isMap } from 'yaml'
import {
  appendInBraces,
  appendLines,
  columnOf,
  isEmpty,
  pairOf,
  prependLines,
  replaceValue,
  type Splice,
} from './splice.ts'

/**
 * The splice that sets a variable under `all: vars:`, given its value as YAML. Undefined if the shape of the text does not allow it.
 */
export function variableSplice(
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
  if (isEmpty(all.value) && outer !== undefined) {
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
  if (all.value.flow) return vars ? undefined : appendInBraces(all.value, `vars: { ${line} }`)
  const inner = columnOf(text, all.value)
  if (inner === undefined) return undefined
  if (!vars) return prependLines(text, all.key, inner, ['vars:', `  ${line}`])
  return isEmpty(vars.value) ? prependLines(text, vars.key, inner + 2, [line]) : undefined
}
