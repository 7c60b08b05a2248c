import type { Node } from 'yaml'
import type { Location } from '../reading/problems.ts'
import type { Entry } from '../yaml/entries.ts'
import { nodeAt, type Reading, readValue } from '../yaml/plain-value.ts'
import type { YamlSource } from '../yaml/yaml-source.ts'
import { isVariableName } from './variable-schemas.ts'

/** A variable where it was defined. */
export interface Variable extends Reading {
  readonly name: string
  /** Where the name stands. */
  readonly location: Location
  /** True if it was given on the command line, with `-e` or a flag of its own. */
  readonly extra: boolean
  /** Where the part of a list stands that a path of indexes leads to. */
  locationOf(path: readonly PropertyKey[]): Location
}

/** How a message about a variable begins: with its name, unless its location is `-e name` already. */
export function opening({ name, location }: Pick<Variable, 'name' | 'location'>): string {
  return location.source.endsWith(` ${name}`) ? '' : `${name}: `
}

/** The variable that one entry of a `vars:` mapping, or of a host, defines. Its value is read only if fw-run uses it. */
export function variableFrom(source: YamlSource, entry: Entry): Variable {
  const location = source.locationOf(entry.keyNode)
  const reading = isVariableName(entry.key) ? readValue(source, entry.value) : UNREAD
  const locationOf = (path: readonly PropertyKey[]): Location => {
    const node = nodeAt(source, entry.value, path)
    return isEmpty(node) ? location : source.locationOf(node)
  }
  return { name: entry.key, location, ...reading, extra: false, locationOf }
}

const UNREAD: Reading = { value: undefined, unreadable: undefined }

function isEmpty(node: Node | null): boolean {
  return node?.range ? node.range[0] === node.range[1] : true
}
