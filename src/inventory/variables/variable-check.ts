import { shown } from '../../text/shown.ts'
import { didYouMean, didYouSlip } from '../../text/suggestion.ts'
import { memberAddress } from '../addresses.ts'
import { assignedIn, IN_YAML } from '../reading/assignment.ts'
import { createProblems, type Problems } from '../reading/problems.ts'
import type { Unreadable } from '../yaml/plain-value.ts'
import { UNSUPPORTED } from './unsupported.ts'
import { opening, type Variable } from './variable.ts'
import {
  addressVariables,
  isBecomeSecretName,
  isNotGiven,
  isSecretName,
  isVariableName,
  nodeAddressNames,
  settingNames,
  variableNames,
  variableSchemas,
} from './variable-schemas.ts'

/** Whether fw-run uses a variable of that name, or has something to say about it. */
export function isOfConcern(name: string): boolean {
  const known = concerns.get(name)
  if (known !== undefined) return known
  const isOurs = isVariableName(name) || OURS.test(name) || UNSUPPORTED.has(name)
  if (name.includes('=')) return isOurs || isVariableName(assignedIn(name) ?? '')
  const concern = isOurs || meantBy(name) !== undefined
  concerns.set(name, concern)
  return concern
}

// Hosts repeat the names of their variables, and to compare one with all of ours takes long.
const concerns = new Map<string, boolean>()

/** Records what a name says of a variable: a fault, or a warning if it has no effect but looks as if it had. */
export function checkName(variable: Variable, problems: Problems): void {
  const { name, location } = variable
  const assigned = assignedIn(name)
  if (assigned !== undefined && isVariableName(assigned)) {
    problems.add(location, `YAML reads "${assigned}=…" as a name without a value`, IN_YAML)
    return
  }
  const unsupported = UNSUPPORTED.get(name)
  if (unsupported !== undefined) problems.warn(location, `${opening(variable)}${unsupported}`)
  if (isVariableName(name)) return
  if (OURS.test(name)) {
    refuseUnknown(variable, problems)
    return
  }
  const meant = meantBy(name)
  if (meant) problems.warn(location, `${subject(variable)}is not used by fw-run: ${meant}`)
}

/**
 * The value of a variable as its schema makes it; undefined if there is none, or none that can be used. Records a fault if the value
 * is invalid. For a value that cannot be read see `reportUnreadable`.
 */
export function checkedValue(variable: Variable, problems: Problems): unknown {
  const { name, location } = variable
  if (!isVariableName(name) || variable.unreadable !== undefined || isNotGiven(variable))
    return undefined
  if (variable.value === null) {
    problems.add(location, `${opening(variable)}has no value`, 'Give it one, or delete the line.')
    return undefined
  }
  const result = variableSchemas.shape[name].safeParse(variable.value)
  for (const issue of result.error?.issues ?? []) {
    problems.add(variable.locationOf(issue.path), `${opening(variable)}${issue.message}`)
  }
  return result.data
}

/**
 * The same where it is not known yet whether the variable has an effect on a node: only a fault that counts everywhere is recorded.
 * Records a warning for an address that is none.
 */
export function usableValue(variable: Variable, problems: Problems): unknown {
  const value = checkedValue(variable, countsEverywhere(variable) ? problems : createProblems())
  if (value !== undefined && nodeAddressNames.has(variable.name))
    warnOfNoAddress(variable, value, problems)
  return value
}

/** Whether an invalid value is a fault wherever it stands, and not only where it has an effect on a node. */
function countsEverywhere({ name, extra }: Variable): boolean {
  return extra || name.startsWith('fw_') || name === 'ansible_group_priority'
}

/** Warns of a variable that could add an address to the set, but holds none. An empty text is none on purpose. */
function warnOfNoAddress(variable: Variable, value: unknown, problems: Problems): void {
  if (value === '' || (typeof value === 'string' && memberAddress(value) !== undefined)) return
  const what = typeof value === 'string' ? shown(value) : 'a list or a mapping'
  const reason = `${what} is not the IP address of a host`
  const warning = `adds no address to the set or table: ${reason}. Correct it, or set fw_addresses`
  problems.warn(variable.locationOf([]), `${opening(variable)}${warning}`)
}

/** Records that a value which is needed cannot be read, and how to give it otherwise. */
export function reportUnreadable(variable: Variable, problems: Problems): void {
  const { name, unreadable } = variable
  if (!unreadable) return
  const message = `${opening(variable)}${unreadable.message}`
  problems.add(variable.locationOf([]), message, remedyFor(name, unreadable.kind))
}

function remedyFor(name: string, kind: Unreadable['kind']): string | undefined {
  if (kind === 'other') return undefined
  if (isBecomeSecretName(name)) return `Give that password with -K instead of ${name}.`
  if (isSecretName(name)) return `Give the SSH password with -k instead of ${name}.`
  if (addressVariables.has(name)) return `Write a plain value for ${name}.`
  return `Write a plain value for ${name}, or give it with -e ${name}=VALUE.`
}

/** Refuses a variable whose name begins as ours do, but which fw-run does not have. */
function refuseUnknown(variable: Variable, problems: Problems): void {
  const meant = didYouMean(variable.name, settingNames)
  problems.add(
    variable.location,
    `${subject(variable)}is not a variable of fw-run${meant ? `: ${meant}` : ''}`,
    meant ? undefined : `fw-run has: ${settingNames.join(', ')}.`,
  )
}

/** How a sentence about a variable begins, unless its location names it already. */
function subject(variable: Variable): string {
  return opening(variable) === '' ? '' : `${shown(variable.name)} `
}

const OURS = /^fw[_-]/i

/** The question whether another name was meant. No name of ours is nearly so long as the limit. */
function meantBy(name: string): string | undefined {
  if (NOT_OURS.has(name) || name.length > 60) return undefined
  return didYouSlip(name, likelyMeant)
}

/** A name as short as `ip6`, without a prefix, is like many others. */
const likelyMeant = variableNames.filter((name) => name.includes('_'))

/** Variables of Ansible and Kubespray whose names are much like one that fw-run uses. */
const NOT_OURS: ReadonlySet<string> = new Set([
  'access_ip4',
  'access_ip_v4',
  'access_ip_v6',
  'ansible_ksu_exe',
  'ansible_ksu_flags',
  'ansible_ksu_pass',
  'ansible_ksu_user',
])
