import { type NftCheck, pass, warn } from '../../check.ts'

/** Whether a service of the host would delete our table: `flush ruleset` deletes the tables of all programs. */
export const tableFlush: NftCheck = {
  id: 'table-flush',
  judge({ facts: { flushingService: service }, intent }) {
    // Our own service brings the table back with that one.
    if (service === undefined || intent.persist) return pass
    return warn(
      `the service ${service} is enabled, and its file has the line \`flush ruleset\`. Each start or reload of that service deletes our table`,
      `If nobody needs the rules in that file, run \`systemctl disable ${service}\` on that host. Otherwise set fw_persist: true for that host: then our table comes back at each start or reload of that service. Or let the service delete only its own tables: replace the line \`flush ruleset\` by two lines for each table in the file. For example, for \`inet filter\`: \`table inet filter\`, then \`delete table inet filter\`.`,
    )
  },
}
