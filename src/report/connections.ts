import { inColumns } from './layout/columns.ts'

/** One value of a connection, and where it comes from. */
export interface ConnectionValue {
  readonly name: 'connection' | 'address' | 'port' | 'user' | 'key' | 'bastions'
  readonly value: string
  readonly from: string
}

/** How each host would be connected, a line for each value. */
export function renderConnections(
  connections: ReadonlyMap<string, readonly ConnectionValue[]>,
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
