import { maxTemplateDepth } from '../../limits.ts'
import { shown } from '../../text/shown.ts'
import { isVariableName } from '../variables/variable-schemas.ts'
import { isEmpty, Marked, type MarkedValue, plain, writtenText } from '../yaml/marked-value.ts'
import type { PlainValue } from '../yaml/plain-value.ts'
import { type Expression, parseTemplate } from './parse-template.ts'

/** Where the names of templates lead. */
export interface Scope {
  /** What a variable of a host was given, as it was written; undefined if it has none of that name. */
  variable(host: string, name: string): Given | undefined
  /** Whether the inventory has this host. */
  hasHost(name: string): boolean
  /** The hosts of a group; undefined if there is none of that name. */
  hostsOf(group: string): readonly string[] | undefined
  /** The groups of a host. */
  groupsOf(host: string): readonly string[]
  /** The absolute directory of the source that names a host first; undefined if that is no file. */
  directoryOf(host: string): string | undefined
}

/** A value as it was written, with its templates; or why it cannot be read. */
export type Given = { readonly value: MarkedValue } | { readonly fault: string }

/** What a template says; `missing` is set where only something undefined keeps it from saying it. */
type Evaluated =
  | { readonly value: MarkedValue }
  | { readonly fault: string; readonly missing?: true }

/** The value of a variable of a host, with the templates in it replaced. A fault says why that is not possible. */
export function evaluate(
  value: MarkedValue,
  host: string,
  scope: Scope,
): { readonly value: PlainValue } | { readonly fault: string } {
  const found = evaluateValue(value, { host, scope, depth: 0, steps: { left: MAX_STEPS } })
  return 'fault' in found ? found : { value: plain(found.value) }
}

/** More than any value of ours needs, and less than what takes a second. */
const MAX_STEPS = 10_000

interface Place {
  readonly host: string
  readonly scope: Scope
  readonly depth: number
  readonly steps: { left: number }
}

function evaluateValue(value: MarkedValue, place: Place): Evaluated {
  place.steps.left -= 1
  if (place.depth > maxTemplateDepth || place.steps.left < 0)
    return { fault: 'uses itself, or too many other variables' }
  if (value === null || value instanceof Marked) return { value }
  if (typeof value === 'string') return evaluateText(value, place)
  const found = Object.entries(value).map(([key, one]) => [key, evaluateValue(one, place)] as const)
  const values: [string, MarkedValue][] = []
  for (const [key, one] of found) {
    if ('fault' in one) return one
    values.push([key, one.value])
  }
  return { value: Array.isArray(value) ? values.map(([, one]) => one) : Object.fromEntries(values) }
}

function evaluateText(text: string, place: Place): Evaluated {
  if (!/\{\{|\{%|\{#/.test(text)) return { value: text }
  const template = parseTemplate(text)
  if (!template) return { fault: UNKNOWN }
  const [only] = template
  // One template and nothing else may be a list.
  if (template.length === 1 && only !== undefined && typeof only !== 'string')
    return evaluateExpression(only, place)
  let whole = ''
  for (const part of template) {
    const found = typeof part === 'string' ? { value: part } : evaluateExpression(part, place)
    if ('fault' in found) return found
    const { value } = found
    if (typeof value !== 'string' && !(value instanceof Marked))
      return {
        fault:
          'has a template inside a text, and the value of that template is a list, a mapping or empty',
      }
    const written = writtenText(value)
    if (written === undefined) return { fault: REWRITTEN }
    whole += written
  }
  return { value: whole }
}

const REWRITTEN =
  'puts a number, true or false into a text. Ansible would print it in another form. Put quotes around that value where it is defined'

const UNKNOWN =
  'has a template that fw-run does not evaluate. fw-run knows only names, hostvars, groups, keys such as x.y, and default(…)'

function evaluateExpression(expression: Expression, place: Place): Evaluated {
  switch (expression.kind) {
    case 'literal':
      return { value: expression.value }
    case 'name':
      return valueOfName(expression.name, place)
    case 'part':
      return valueOfPart(expression, place)
    case 'default': {
      const found = evaluateExpression(expression.of, place)
      const isReplaced =
        'fault' in found ? found.missing : expression.forEmpty && isEmpty(found.value)
      return isReplaced ? evaluateExpression(expression.other, place) : found
    }
  }
}

function valueOfName(name: string, place: Place): Evaluated {
  const { host, scope } = place
  switch (name) {
    case 'inventory_hostname':
      return { value: host }
    case 'inventory_hostname_short':
      return { value: host.split('.')[0] ?? host }
    case 'group_names':
      return { value: scope.groupsOf(host) }
    case 'omit':
      return { value: null }
    case 'hostvars':
    case 'groups':
    case 'vars':
      return { fault: UNKNOWN }
  }
  const given = scope.variable(host, name)
  const directory = name === 'inventory_dir' && !given ? scope.directoryOf(host) : undefined
  if (directory !== undefined) return { value: directory }
  if (MAGIC.has(name)) {
    return { fault: `uses ${name}, whose value only Ansible knows` }
  }
  if (!given) {
    const fault = `uses the variable ${name}, which the inventory does not define for ${host}`
    const mayBeKnown = MAY_BE_KNOWN.test(name) && !isVariableName(name)
    return mayBeKnown ? { fault } : { fault, missing: true }
  }
  if ('fault' in given) return { fault: `uses the variable ${name}, which ${given.fault}` }
  return evaluateValue(given.value, { ...place, depth: place.depth + 1 })
}

/** Names to which Ansible gives its own value, in most cases even if the inventory defines them. */
const MAGIC: ReadonlySet<string> = new Set([
  ...['environment', 'inventory_dir', 'inventory_file', 'play_hosts', 'playbook_dir', 'role_names'],
])

/** Names that may have a value in Ansible where the inventory defines none, so default(…) may not count: facts, names of Jinja. */
const MAY_BE_KNOWN =
  /^(ansible_\w+|role_(name|path|uuid)|lookup|query|q|now|undef|range|dict|lipsum|cycler|joiner|namespace|self)$/

function valueOfPart({ of, key }: Extract<Expression, { kind: 'part' }>, place: Place): Evaluated {
  const found = evaluateExpression(key, place)
  if ('fault' in found) return found
  const word = plain(found.value)
  if (typeof word !== 'string') return { fault: UNKNOWN }
  if (of.kind === 'name' && of.name === 'groups') {
    const value = place.scope.hostsOf(word)
    return value
      ? { value }
      : { fault: `uses the group ${shown(word)}, which does not exist`, missing: true }
  }
  if (of.kind === 'part' && of.of.kind === 'name' && of.of.name === 'hostvars') {
    return valueOfOtherHost(of.key, word, place)
  }
  const whole = evaluateExpression(of, place)
  return 'fault' in whole ? whole : partOf(whole.value, word)
}

function valueOfOtherHost(host: Expression, name: string, place: Place): Evaluated {
  const found = evaluateExpression(host, place)
  if ('fault' in found) return found
  const other = plain(found.value)
  if (typeof other !== 'string') return { fault: UNKNOWN }
  if (!place.scope.hasHost(other)) {
    return { fault: `names host ${shown(other)}, which does not exist`, missing: true }
  }
  return valueOfName(name, { ...place, host: other })
}

function partOf(whole: MarkedValue, key: string): Evaluated {
  const missing = {
    fault: `uses the key or index ${shown(key)}, which does not exist`,
    missing: true,
  } as const
  if (whole === null) return missing
  if (typeof whole === 'string' || whole instanceof Marked)
    return {
      fault: `uses the key or index ${shown(key)} of a text or number: fw-run cannot do that`,
    }
  if (isList(whole)) {
    const index = /^-?\d+$/.test(key) ? Number(key) : Number.NaN
    const value = whole.at(index)
    return Number.isNaN(index) || value === undefined ? missing : { value }
  }
  const value = Object.hasOwn(whole, key) ? whole[key] : undefined
  return value === undefined ? missing : { value }
}

function isList(value: MarkedValue): value is readonly MarkedValue[] {
  return Array.isArray(value)
}
