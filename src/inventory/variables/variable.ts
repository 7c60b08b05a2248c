import type { Node } from 'yaml'
import type { Location } from '../reading/problems.ts'
import type { Entry } from '../yaml/entries.ts'
import type { MarkedValue } from '../yaml/marked-value.ts'
import { nodeAt, type Reading, readPlain, readValue } from '../yaml/plain-value.ts'
import type { YamlSource } from '../yaml/yaml-source.ts'
import { isVariableName } from './variable-schemas.ts'

/** A variable where it was defined. */
export interface Variable extends Reading {
  readonly name: string
  /** Where the name stands. */
  readonly location: Location
  /** True if it was given on the command line, with `-e` or a flag of its own. */
  readonly extra: boolean
  /** True if nobody wrote it: fw-run takes it from what a file of another kind says. */
  readonly made?: boolean
  /** Where the part of a list stands that a path of indexes leads to. */
  locationOf(path: readonly PropertyKey[]): Location
}

/** How a message about a variable begins: with its name, unless its location is `-e name` already. */
export function opening({ name, location }: Pick<Variable, 'name' | 'location'>): string {
  return location.source.endsWith(` ${name}`) ? '' : `${name}: `
}

/** The variable that one entry of a `vars:` mapping, or of a host, defines. Unless fw-run uses it, its value is read when asked for. */
export function variableFrom(source: YamlSource, entry: Entry): Variable {
  const location = source.locationOf(entry.keyNode)
  const locationOf = (path: readonly PropertyKey[]): Location => {
    const node = nodeAt(source, entry.value, path)
    return isEmpty(node) ? location : source.locationOf(node)
  }
  const stated = { name: entry.key, location, extra: false, locationOf }
  if (isVariableName(entry.key)) return { ...stated, ...readValue(source, entry.value) }
  let reading: Reading | undefined
  const read = (): Reading => {
    reading ??= readValue(source, entry.value)
    return reading
  }
  return {
    ...stated,
    get value() {
      return read().value
    },
    get unreadable() {
      return read().unreadable
    },
    get template() {
      return read().template
    },
    get marked() {
      return read().marked
    },
  }
}

/** A variable with a value that a source other than YAML states. */
export function plainVariable(name: string, value: MarkedValue, location: Location): Variable {
  return { name, location, extra: false, ...readPlain(value), locationOf: () => location }
}

function isEmpty(node: Node | null): boolean {
  return node?.range ? node.range[0] === node.range[1] : true
}
