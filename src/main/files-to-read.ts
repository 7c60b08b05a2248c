import { dirname, join } from 'node:path'
import type { CommandSettings } from '../commands/settings.ts'
import type { FileToRead } from '../exports/export-files.ts'
import { isHostList, isStdin } from '../inventory/source-names.ts'
import { runsDirectory } from '../journal/directory.ts'
import { ownHome } from '../jump-host/own-home.ts'

type Reading = Pick<
  CommandSettings,
  'inventory' | 'extraVars' | 'limit' | 'plan' | 'privateKey' | 'sshConfig'
>

/**
 * The files and directories that the command line names for reading, those with variables beside its inventories, and those of ssh
 * and of the journals.
 */
export function filesToRead({
  inventory,
  extraVars,
  limit,
  plan,
  privateKey,
  sshConfig,
}: Reading): readonly FileToRead[] {
  const sources = inventory.filter((one) => !isStdin(one) && !isHostList(one))
  const withVariables = sources.flatMap((one) => [
    one,
    join(dirname(one), 'group_vars'),
    join(dirname(one), 'host_vars'),
  ])
  return [
    ...named('-i', withVariables),
    ...named('-e', extraVars.flatMap(fileOf)),
    ...named('--limit', (limit ?? '').split(/,|:(?=[!&])/).flatMap(fileOf)),
    ...named('--plan', plan === undefined ? [] : [plan]),
    ...named('--private-key', privateKey === undefined ? [] : [privateKey]),
    ...named('-F', typeof sshConfig === 'string' ? [] : [sshConfig.file]),
    ...named('~/.ssh', [join(ownHome(), '.ssh')]),
    ...named('/etc/ssh', ['/etc/ssh']),
    ...named('the journals', [runsDirectory()]),
  ]
}

function named(option: string, files: readonly string[]): readonly FileToRead[] {
  return files.map((file) => ({ option, file }))
}

/** The file of a value such as `@FILE`. */
function fileOf(value: string): readonly string[] {
  return value.startsWith('@') ? [value.slice(1)] : []
}
