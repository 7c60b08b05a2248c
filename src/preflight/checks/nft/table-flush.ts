import { type NftCheck, pass, warn } from '../../check.ts'

/** Whether a service of the host would delete our table: `flush ruleset` deletes the tables of all programs. */
export const tableFlush: NftCheck = {
  id: 'table-flush',
  judge({ facts: { flushingService: service }, intent }) {
    // Our own service brings the table back with that one.
    if (service === undefined || intent.persist) return pass
    return warn(
      `service ${service} is enabled, and its configuration file has the line \`flush ruleset\`. Each start or reload of the service deletes our table`,
      `If that host does not need the rules in that file, run \`systemctl disable ${service}\` there. Otherwise replace the line \`flush ruleset\` in that file by two lines for each of its tables. For the table \`inet filter\`: \`table inet filter\` and \`delete table inet filter\`. A stop of the service still deletes our table: then run \`fw-run apply\`.`,
    )
  },
}
