import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** The schema that the package ships, as a program reads it. */
export const schema = JSON.parse(
  readFileSync(new URL('../../schema/fw-run.schema.json', import.meta.url), 'utf8'),
)

const ajv = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  formats: { 'date-time': (text: string) => new Date(text).toISOString() === text },
}).addSchema(schema, 'fw-run')

/** Throws unless a value is what the schema says: a whole `document`, or one `event` of ndjson. */
function demandContract(value: unknown, form: 'document' | 'event'): void {
  if (ajv.validate(`fw-run#/$defs/${form}`, value)) return
  const faults = (ajv.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
  const all = [...new Set(faults)].join('\n')
  throw new Error(`breaks schema/fw-run.schema.json:\n${all}\n${JSON.stringify(value)}`)
}

/** The same for all that a command wrote to stdout with `--output json` or `ndjson`. Returns what it read. */
export function readOutput(stdout: string, format: 'json' | 'ndjson'): readonly unknown[] {
  const texts = format === 'json' ? [stdout] : stdout.trimEnd().split('\n')
  return texts.map((text) => {
    const value: unknown = JSON.parse(text)
    demandContract(value, format === 'json' ? 'document' : 'event')
    return value
  })
}

/** What a command's document holds, as a program reads it. Throws unless the whole document is what the schema says. */
export function contentOf(command: string, content: object): unknown {
  const time = '2026-11-23T04:15:00.000Z'
  const plain: unknown = JSON.parse(JSON.stringify(content))
  const heading = { schema: 1, command, exitCode: 0, started: time, ended: time }
  demandContract({ ...heading, ...Object(plain) }, 'document')
  return plain
}
