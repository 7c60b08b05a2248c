import type { UnknownHostKey } from '../../ssh/session-fault.ts'
import { trustCommand } from '../../ssh/trust-command.ts'
import { groupHosts } from '../../text/host-list.ts'
import { inColumns } from '../layout/columns.ts'

/**
 * Unknown host keys of several hosts: a row each with what is to be compared, and one command that trusts all of them.
 * That command has the keys in it, so that nobody can change them after they were compared.
 */
export function hostKeyTable(keys: readonly UnknownHostKey[]): readonly string[] {
  const rows = keys.map(({ host, address, port, type, fingerprint }) => [
    host,
    port === 22 ? address : `${address} port ${port}`,
    type,
    fingerprint,
  ])
  const commands = [...new Set(keys.map(({ file }) => `\`ssh-keygen -lf ${file}\``))]
  const which = commands.length > 1 ? 'the command for its key type: ' : ''
  const trusting = [...groupHosts(keys, ({ knownHosts }) => knownHosts)].map(([file, group]) =>
    trustCommand(
      file,
      group.map(({ line }) => line),
    ),
  )
  return [
    ...inColumns(rows, '  ').map((row) => `      ${row}`),
    `   -> On the console of each host, run ${which}${commands.join(' or ')}. Compare the fingerprint with the row of that host above. Only if every host shows the fingerprint of its row, run on the jump host: ${trusting.join(' && ')}`,
  ]
}
