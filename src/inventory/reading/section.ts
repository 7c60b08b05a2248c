import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml'
import type { Entry } from '../yaml/entries.ts'
import { entriesOf } from '../yaml/entries.ts'
import { isBareTemplate, resolved, scalarText, type YamlSource } from '../yaml/yaml-source.ts'
import type { Problems } from './problems.ts'

/** A text that is being read, and where to record its faults. */
export interface SectionContext {
  readonly source: YamlSource
  readonly problems: Problems
}

/** The entries of a `hosts:`, `children:` or `vars:`. A single name stands for one entry without a value, as in Ansible. */
export function entriesOfSection(context: SectionContext, section: Entry): readonly Entry[] {
  const { source, problems } = context
  const value = resolved(source, section.value)
  if (section.key !== 'vars' && isScalar(value) && typeof value.value === 'string') {
    const names = scalarText(value).trim()
    if (!/\s/.test(names)) return [{ key: names, keyNode: value, value: null }]
    problems.add(
      source.locationOf(value),
      `${section.key}: a ":" is missing after each name`,
      linesFor(names),
    )
    return []
  }
  const map = mappingOf(context, section, `${section.key}:`)
  return map ? entriesOf(source, map) : []
}

/** The mapping that a key holds; undefined for nothing, and a fault for anything else. */
export function mappingOf(
  { source, problems }: SectionContext,
  entry: Entry,
  noun: string,
): YAMLMap | undefined {
  const value = resolved(source, entry.value)
  const isTemplate = isBareTemplate(source, value)
  if (isMap(value) && !isTemplate) return value
  if (isScalar(value) && value.value === null) return undefined
  if (value === null && entry.value === null) return undefined
  const what = isTemplate ? 'a template' : isSeq(value) ? 'a list' : 'a plain value'
  problems.add(
    source.locationOf(entry.value),
    `${noun} must be a mapping, not ${what}`,
    'Write each entry on its own line as "name:", without a dash.',
  )
  return undefined
}

/** How to write names that stand without ":". */
function linesFor(names: string): string {
  const words = names.split(/\s+/)
  // `node1 ansible_host=…` is INI: its variables are not names.
  const shown = words.filter((word) => /^[\w.[\]:-]+$/.test(word)).slice(0, MAX_SHOWN)
  const lines = shown.length === 0 ? ['node1:'] : shown.map((word) => `${word}:`)
  return `Write each name on its own line, with ":" after it:\n${lines.map((line) => `    ${line}`).join('\n')}`
}

const MAX_SHOWN = 5
