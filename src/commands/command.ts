import type { Option } from 'commander'
import type { Run } from '../runs/run.ts'
import type { CommandResult } from './result.ts'
import type { CommandSettings, OptionValues } from './settings.ts'

/** All that is known of a command before it runs. Help, reading of arguments and the process go by this alone. */
export interface CommandDefinition {
  readonly name: string
  readonly summary: string
  /** The one word that it takes beside its options: `<needed>` or `[optional]`, what it is, and which words it can be. */
  readonly word?: readonly [usage: string, meaning: string, choices?: readonly string[]]
  /** Whether more words may follow. */
  readonly takesMore?: boolean
  readonly options: readonly Option[]
  /** Whether it logs in to hosts; the help says so where it does not. */
  readonly connects: boolean
  /** Whether it may change hosts; the help says so where it does not. */
  readonly changesHosts: boolean
  /** Whether it cannot do without `--inventory`. */
  readonly needsInventory: boolean
  /** Makes its settings of its options and its word; or says what is wrong with them. */
  readonly readSettings: (
    values: OptionValues,
    word: string | undefined,
    more: readonly string[],
  ) => CommandSettings | { readonly fault: string }
  /** Loads the code that performs it. */
  readonly load: () => Promise<Perform>
}

/** Performs a command. Throws FwRunError for faults of the invocation or the inventory only. */
export type Perform = (
  settings: CommandSettings,
  run: Run,
  publish: Publish,
) => Promise<CommandResult>

/** Writes the files that get a result, before the command ends: a command that looks again and again has several. */
export type Publish = (result: CommandResult) => Promise<void>
