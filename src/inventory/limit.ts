import { FwRunError } from '../errors.ts'
import { shown } from '../text/shown.ts'
import { didYouMeanSentence } from '../text/suggestion.ts'
import type { Inventory, InventoryHost } from './inventory.ts'
import { readLimitFile } from './reading/inventory-file.ts'
import { parsePattern, type Term } from './reading/limit-term.ts'

/** What a pattern is for: its messages name that. */
export type PatternOption = '--limit' | '--serial-first'

/**
 * The hosts to protect that a pattern selects, in file order; never none.
 * As in Ansible, unions count first, then intersections, then exclusions. A term that matches nothing is bad usage, where
 * Ansible only warns: a typo must not silently protect fewer hosts.
 */
export function hostsOfPattern(
  inventory: Inventory,
  pattern: string,
  option: PatternOption,
): readonly InventoryHost[] {
  const subject = subjects[option]
  const terms = termsOf(inventory, pattern, subject)
  if (terms.length === 0) throw refusal(`${subject} ${shown(pattern)} is empty.`)
  const pool = new Set(inventory.hostsToProtect.map(({ name }) => name))
  const byRole = (role: Term['role']) => terms.filter((term) => term.role === role)

  const unions = byRole('union')
  const selected = new Set(unions.length === 0 ? pool : [])
  for (const term of unions) {
    for (const name of matchIn(inventory, term, pool, subject)) selected.add(name)
  }
  for (const term of byRole('intersection')) {
    const kept = new Set(matchIn(inventory, term, pool, subject))
    for (const name of selected) if (!kept.has(name)) selected.delete(name)
  }
  for (const term of byRole('exclusion')) {
    for (const name of match(inventory, term, subject)) selected.delete(name)
  }
  const hosts = inventory.hostsToProtect.filter(({ name }) => selected.has(name))
  if (hosts.length === 0) throw refusal(`${subject} ${shown(pattern)} selects no host.`)
  return hosts
}

const subjects: Readonly<Record<PatternOption, string>> = {
  '--limit': 'The limit',
  '--serial-first': 'The pattern of --serial-first',
}

function termsOf(inventory: Inventory, pattern: string, subject: string): readonly Term[] {
  const names = new Set([...inventory.groups.keys(), ...inventory.hosts.map(({ name }) => name)])
  try {
    return parsePattern(pattern, (name) => names.has(name), readLimitFile)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw refusal(`${subject} ${shown(pattern)} has a regular expression that is not valid.`, cause)
  }
}

/** The hosts to protect that a term matches. A term that matches none is refused. */
function matchIn(
  inventory: Inventory,
  term: Term,
  pool: ReadonlySet<string>,
  subject: string,
): readonly string[] {
  const matched = match(inventory, term, subject)
  const eligible = matched.filter((name) => pool.has(name))
  if (eligible.length > 0) return eligible
  throw refusal(
    `${subject} ${shown(term.text)} matches only hosts that are not in group ${shown(inventory.group)}: ${matched.slice(0, 3).join(', ')}.`,
  )
}

/** The hosts of the whole inventory that a term matches. A term that matches none is refused. */
function match(inventory: Inventory, term: Term, subject: string): readonly string[] {
  const groups = [...inventory.groups].filter(([name]) => term.matches(name))
  const hosts = inventory.hosts.map(({ name }) => name).filter((name) => term.matches(name))
  const own = groups.length === 0 || term.isWildcard ? hosts : []
  const matched = pick([...new Set([...groups.flatMap(([, members]) => members), ...own])], term)
  // Excluding a group that is empty is no mistake.
  if (matched.length > 0 || (term.role === 'exclusion' && groups.length > 0)) return matched
  throw unmatched(inventory, term, subject)
}

function pick(names: readonly string[], { subscript }: Term): readonly string[] {
  if (!subscript) return names
  const fromStart = (index: number) => (index < 0 ? names.length + index : index)
  const [first, last] = [fromStart(subscript.first), fromStart(subscript.last)]
  return names.filter((_, index) => index >= first && index <= last)
}

function unmatched(inventory: Inventory, term: Term, subject: string): FwRunError {
  const word = term.text.replace(/^[!&]/, '').replace(/\[[^\]]*\]$/, '')
  const names = [...inventory.groups.keys(), ...inventory.hosts.map(({ name }) => name)]
  const remedy = didYouMeanSentence(word, names) ?? '`fw-run inventory` lists the hosts and groups.'
  return new FwRunError('usage', `${subject} ${shown(term.text)} matches no host.`, { remedy })
}

function refusal(message: string, cause?: unknown): FwRunError {
  return new FwRunError('usage', message, { cause })
}
