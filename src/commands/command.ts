import type { Arrival } from '../flow/arrival.ts'
import type { View } from '../report/paint.ts'
import type { Run } from '../stages/run.ts'
import type { RunSettings } from '../stages/settings.ts'

/** All that a command may be told. */
export interface CommandSettings extends RunSettings {
  readonly check: boolean
  readonly diff: boolean
  readonly verbose: boolean
  /** Seconds to watch after an apply; unset: none. */
  readonly settle: number | undefined
  /** The host and the packet of `trace`; no other command has them. */
  readonly trace: { readonly host: string; readonly arrival: Arrival } | undefined
  /** Which run `recover` and `runs` are about, by the beginning of its id; unset: all. */
  readonly pastRun: string | undefined
}

/** What a command came to: its exit code, and its result for a person and for a program. */
export interface CommandResult {
  readonly exitCode: number
  readonly text: (view: View) => readonly string[]
  readonly json: object
}

/** One command of fw-run. Throws FwRunError for faults of the invocation or the inventory only. */
export type Command = (settings: CommandSettings, run: Run) => Promise<CommandResult>
