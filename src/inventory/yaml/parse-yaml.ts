import { type Alias, LineCounter, type Node, parseDocument } from 'yaml'
import type { Location, Problems } from '../reading/problems.ts'
import { followAliases } from './aliases.ts'
import { checkMappings } from './mapping-faults.ts'
import { reportSyntax } from './syntax-faults.ts'
import type { YamlSource } from './yaml-source.ts'

/** Parses YAML that stands at `origin`; undefined, and recorded faults, if the text cannot be used. */
export function parseYaml(
  text: string,
  origin: Location,
  problems: Problems,
): YamlSource | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
  })
  const locationAt = (offset: number): Location => {
    const { line, col } = lines.linePos(offset)
    return { ...origin, line, column: col }
  }
  if (document.errors.length > 0) {
    reportSyntax(document.errors, { text, locationAt }, problems)
    return undefined
  }
  const locationOf = (node: Node | null | undefined): Location =>
    node?.range ? locationAt(node.range[0]) : origin
  const aliased = text.includes('*')
    ? followAliases(document.contents, locationOf, problems)
    : new Map<Alias, Node>()
  if (!aliased) return undefined
  const source = { top: document.contents, text, aliased, locationOf }
  return checkMappings(source, problems) ? source : undefined
}
