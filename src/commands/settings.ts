import type { ExportFile } from '../exports/export-files.ts'
import type { Arrival } from '../flow/arrival.ts'
import type { Settings } from '../inventory/inventory.ts'
import type { HostChange } from '../inventory/writing/edit-hosts.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { Share } from '../text/share.ts'
import type { Shell } from './completing/shell-scripts.ts'

/** The settings of a command, made of its options and its word. */
export interface CommandSettings extends RunSettings {
  readonly check: boolean
  readonly diff: boolean
  readonly verbose: boolean
  readonly quiet: boolean
  /** Seconds to watch the rules after an apply; unset: none. */
  readonly watch: number | undefined
  /** Seconds between the looks of `status --watch`; unset: it looks once. */
  readonly pause: number | undefined
  /** The file with the plan to which `apply` keeps; unset: it does what it finds to do. */
  readonly plan: string | undefined
  /** Files that get the result in other forms. */
  readonly exports: readonly ExportFile[]
  /** The host and the packet of `trace`; no other command has them. */
  readonly trace: { readonly host: string; readonly arrival: Arrival } | undefined
  /** What `init` writes; no other command has it. */
  readonly first: FirstInventory | undefined
  /** What `hosts add` and `hosts remove` do to the inventory; no other command has it. */
  readonly hostChange: HostChange | undefined
  /** Which run `recover` and `runs` are about, by the beginning of its id; unset: all. */
  readonly pastRun: string | undefined
  /** The shell of `completion`, and the words of which it asks what comes next; none: its script. */
  readonly completion?: { readonly shell: Shell; readonly words: readonly string[] }
}

/** The file that `init` writes, whether it may replace another, and the guard; unset: one that works. */
export interface FirstInventory {
  readonly file: string
  readonly overwrite: boolean
  readonly guard: Settings['guard'] | undefined
}

/** The forms in which a result is written to stdout. */
export const outputFormats = ['text', 'json', 'ndjson', 'prometheus'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** The values of all options, as commander gives them. A command has only those of its own options. */
export interface OptionValues {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly extraVars?: readonly string[]
  readonly forks?: number
  readonly user?: string
  readonly askPass?: boolean
  readonly askBecomePass?: boolean
  readonly privateKey?: string
  readonly timeout?: number
  readonly sshConfig?: string | false
  readonly acceptNewHostKeys?: boolean
  readonly transport?: RunSettings['transport']
  readonly interface?: string
  readonly yes?: boolean
  readonly serial?: readonly Share[]
  readonly serialFirst?: string
  readonly pause?: number
  readonly tolerateUnreachable?: Share
  readonly ask?: boolean
  readonly confirm?: number | true
  readonly lease?: number
  readonly check?: boolean
  readonly listHosts?: boolean
  readonly diff?: boolean
  readonly verbose?: boolean
  readonly quiet?: boolean
  readonly settle?: number | true
  readonly watch?: number | true
  readonly report?: string
  readonly junit?: string
  readonly plan?: string
  readonly planOut?: string
  readonly in?: string
  readonly out?: string
  readonly from?: string
  readonly to?: string
  readonly proto?: Arrival['protocol']
  readonly sport?: number
  readonly dport?: number
  readonly state?: Arrival['state']
  readonly group?: string
  readonly leaveOutside?: boolean
  readonly guard?: Settings['guard']
  readonly overwrite?: boolean
  readonly output?: OutputFormat
  readonly color?: boolean
}
