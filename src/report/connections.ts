import { inColumns } from './layout/columns.ts'

/** One value of a connection, and where it comes from. */
interface Value {
  readonly name: string
  readonly value: string
  readonly from: string
}

/** How each host would be connected, a line for each value. */
export function renderConnections(
  connections: ReadonlyMap<string, readonly Value[]>,
): readonly string[] {
  return [
    '',
    'CONNECTIONS',
    ...[...connections].flatMap(([host, values]) => [
      `  ${host}`,
      ...inColumns(
        values.map(({ name, value, from }) => [`    ${name}`, `${value} (${from})`]),
        '  ',
      ).map((line) => line.trimEnd()),
    ]),
  ]
}
