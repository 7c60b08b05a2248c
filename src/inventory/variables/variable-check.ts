import { shown } from '../../text/shown.ts'
import { didYouMean, didYouSlip } from '../../text/suggestion.ts'
import type { Problems } from '../reading/problems.ts'
import { opening, type Variable } from './variable.ts'
import { isVariableName, settingNames, variableNames, variableSchemas } from './variable-schemas.ts'

/**
 * Whether a variable can be used as it was defined; if not, or if leaving it aside would surprise, says so.
 * Variables that mean nothing to us pass, whatever they hold.
 */
export function checkVariable(variable: Variable, problems: Problems): boolean {
  const { name, place } = variable
  const begin = opening(variable)
  const unsupported = UNSUPPORTED[name]
  if (unsupported !== undefined) problems.warn(place, `${begin}${unsupported}`)
  if (!isVariableName(name)) {
    if (/^fw[_-]/i.test(name)) {
      refuseUnknown(variable, problems)
      return false
    }
    const meant = NOT_OURS.has(name) ? undefined : didYouSlip(name, variableNames)
    if (meant) problems.warn(place, `${subject(variable)}is not read: ${meant}`)
    return true
  }
  if (variable.flaw !== undefined) {
    problems.add(variable.placeOf([]), `${begin}${variable.flaw}`)
    return false
  }
  if (variable.value === null) {
    if (!name.startsWith('fw_')) return true
    problems.add(place, `${begin}has no value`, 'Give it one, or take the line out.')
    return false
  }
  const result = variableSchemas.shape[name].safeParse(variable.value)
  for (const issue of result.error?.issues ?? []) {
    problems.add(variable.placeOf(issue.path), `${begin}${issue.message}`)
  }
  return result.success
}

/** Refuses a variable that is called as ours are, and is none. */
function refuseUnknown(variable: Variable, problems: Problems): void {
  const meant = didYouMean(variable.name, settingNames)
  problems.add(
    variable.place,
    `${subject(variable)}is not a variable of fw-run${meant ? `: ${meant}` : ''}`,
    meant ? undefined : `There are: ${settingNames.join(', ')}.`,
  )
}

function subject({ name, extra }: Variable): string {
  return extra ? '' : `${shown(name)} `
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  ansible_ssh_common_args: 'not supported yet; jump hosts and options given here are not used',
  ansible_ssh_extra_args: 'not supported yet; options given here are not used',
  ansible_ssh_args: 'not supported yet; options given here are not used',
  ansible_ssh_executable: 'not used; fw-run brings its own SSH client',
  ansible_ssh_private_key: 'not supported; use ansible_ssh_private_key_file',
  ansible_private_key: 'not supported; use ansible_ssh_private_key_file',
  ansible_ssh_private_key_passphrase: 'not supported; unlock the key in an SSH agent',
  ansible_host_key_checking: 'not used; host keys are always checked',
  ansible_ssh_host_key_checking: 'not used; host keys are always checked',
  ansible_become_exe: 'not supported; sudo is run by its name',
  ansible_become_flags: 'not supported; sudo gets no further options',
}

/** Variables of Ansible and Kubespray that are spelt much like one that is read. */
const NOT_OURS: ReadonlySet<string> = new Set([
  'access_ip4',
  'access_ip6',
  'ansible_ksu_pass',
  'ansible_ksu_user',
  'ansible_su_pass',
  'ansible_su_password',
  'ansible_su_user',
])
