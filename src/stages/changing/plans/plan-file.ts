import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import { FwRunError, messageOf } from '../../../errors.ts'
import { maxJsonBytes } from '../../../limits.ts'

const plannedHost = z.object({
  name: z.string(),
  address: z.string(),
  /** The host as it was read: a hash of each part of its state that a change depends on. */
  state: z.record(z.string(), z.string()),
})

const savedPlan = z.object({
  fwRunPlan: z.literal(1),
  created: z.string(),
  who: z.string(),
  version: z.string(),
  inventory: z.string(),
  /** Hosts that could not be reached, and that are not to be changed. */
  leftOut: z.array(z.object({ name: z.string(), address: z.string() })).default([]),
  /** Hosts that differ in their state only share a plan. */
  plans: z.array(
    z.object({
      hosts: z.array(plannedHost).readonly(),
      intent: z.record(z.string(), z.unknown()),
      changes: z.array(z.unknown()).readonly(),
    }),
  ),
})

/** A plan as `--plan-out` writes it: what would be done to which hosts, and how they were when that was planned. */
export type SavedPlan = z.output<typeof savedPlan>

/** The text of a plan file. Throws an `output` fault if it is larger than `--plan` reads. */
export function planFileText(plan: SavedPlan): string {
  const text = textIfPossible(plan)
  if (text !== undefined && Buffer.byteLength(text) <= maxJsonBytes) return text
  throw new FwRunError(
    'output',
    `the file of --plan-out was not written: it would be larger than ${maxJsonBytes / 1_000_000} MB, the most that --plan reads. If there was a file, it is unchanged.`,
    { remedy: 'Make a plan for a part of the hosts with --limit.' },
  )
}

/** Undefined if the text would be longer than a string can be. */
function textIfPossible(plan: SavedPlan): string | undefined {
  try {
    return `${JSON.stringify(plan, undefined, 2)}\n`
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reads the file of `--plan`. Throws a `usage` fault if it is none that this fw-run can read. */
export async function readPlanFile(file: string): Promise<SavedPlan> {
  let text: string
  try {
    // A pipe and a device do not tell their size, and may never end.
    const bytes = await buffer(createReadStream(file, { end: maxJsonBytes }))
    if (bytes.length > maxJsonBytes) throw new Error('it is too large')
    text = bytes.toString('utf8')
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw unusable(file, isMissing ? 'does not exist' : `cannot be read: ${messageOf(cause)}`)
  }
  const { data } = savedPlan.safeParse(parsed(text))
  if (data) return data
  const other = /^\s*\{\s*"fwRunPlan": *(\d+)/.exec(text)?.[1]
  throw unusable(
    file,
    other === undefined || other === '1'
      ? 'is not a complete plan of fw-run'
      : `is a plan of another version of fw-run (format ${other}, but this version reads format 1)`,
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unusable(file: string, why: string): FwRunError {
  return new FwRunError('usage', `--plan ${file} ${why}. fw-run connected to no host.`, {
    remedy: 'Make a plan with `fw-run apply --check --plan-out FILE`.',
  })
}
