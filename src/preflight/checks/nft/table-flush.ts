import { type NftCheck, pass, warn } from '../../check.ts'
import { disabling, ifKept } from '../../evidence/boot-commands.ts'

/** Whether a service of the host would delete our table: `nft flush ruleset` deletes the tables of all programs. */
export const tableFlush: NftCheck = {
  id: 'table-flush',
  judge({ facts: { flushingService: service }, intent, state }) {
    if (service === undefined) return pass
    const manager = state.boot?.manager ?? 'systemd'
    const disable = disabling([service], manager)
    if (manager !== 'systemd') {
      return warn(
        `the service ${service} is enabled. When it starts or stops, it deletes all tables of nftables, also that of fw-run. Without systemd, the table of fw-run does not come back with it`,
        `If nobody needs the rules in the file of ${service}, run ${disable} on that host. ${ifKept([service], { manager, persist: intent.persist })}`,
      )
    }
    // Our own service brings the table back with that one.
    if (intent.persist) return pass
    return warn(
      `the service ${service} is enabled. When it restarts, it deletes all tables of nftables, also that of fw-run. On some hosts, a reload does the same`,
      `Set fw_persist: true for that host, and run \`fw-run apply\`: then the table of fw-run comes back at each start, restart or reload of ${service}. Or, if nobody needs the rules in the file of ${service}, run ${disable} on that host. Do not stop ${service}: that also deletes all tables.`,
    )
  },
}
