import { type NftCheck, pass, warn } from '../../check.ts'

/** Whether a service of the host would delete our table: `nft flush ruleset` deletes the tables of all programs. */
export const tableFlush: NftCheck = {
  id: 'table-flush',
  judge({ facts: { flushingService: service }, intent }) {
    // Our own service brings the table back with that one.
    if (service === undefined || intent.persist) return pass
    return warn(
      `the service ${service} is enabled. When it restarts, it deletes all tables of nftables, also ours. On some hosts, a reload does the same`,
      `Set fw_persist: true for that host: then our table comes back at each start, restart or reload of ${service}. Or, if nobody needs the rules in the file of ${service}, run \`systemctl disable ${service}\` on that host. Do not stop ${service}: that also deletes all tables.`,
    )
  },
}
