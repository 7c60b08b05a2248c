import type { Problems } from './problems.ts'
import { shown } from './shown.ts'
import { didYouMean } from './suggestion.ts'
import type { Variable } from './variable.ts'
import { isVariableName, settingNames, variableSchemas } from './variables.ts'

/**
 * Whether a variable can be used as it was defined; if not, or if leaving it aside would surprise, says so.
 * Variables that mean nothing to us pass, whatever they hold.
 */
export function checkVariable(variable: Variable, problems: Problems): boolean {
  const { name, place } = variable
  const unsupported = UNSUPPORTED[name]
  if (unsupported !== undefined) problems.warn(place, `${name}: ${unsupported}`)
  if (!isVariableName(name)) {
    if (!/^fw[_-]/i.test(name)) return true
    const meant = didYouMean(name, settingNames)
    problems.add(
      place,
      `${shown(name)} is not a variable of fw-run${meant ? `: ${meant}` : ''}`,
      meant ? undefined : `There are: ${settingNames.join(', ')}.`,
    )
    return false
  }
  if (variable.flaw !== undefined) {
    problems.add(variable.placeOf([]), `${name}: ${variable.flaw}`)
    return false
  }
  if (variable.value === null) {
    if (!name.startsWith('fw_')) return true
    problems.add(place, `${name}: has no value`, 'Give it one, or take the line out.')
    return false
  }
  const result = variableSchemas.shape[name].safeParse(variable.value)
  for (const issue of result.error?.issues ?? []) {
    problems.add(variable.placeOf(issue.path), `${name}: ${issue.message}`)
  }
  return result.success
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
