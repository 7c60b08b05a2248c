import type { RunEvent, SeenProtection } from '../events.ts'

// The parts of the JSON documents that the forms of this room are made of. schema/fw-run.schema.json has them whole.

/** What every document of a command holds that began its work. Times are UTC, as in ISO 8601. */
export interface Heading {
  readonly command: string | null
  readonly exitCode: number
  readonly started: string
  readonly ended: string
  /** `user@host`: who ran it, on which jump host. */
  readonly who?: string
  /** Of fw-run. */
  readonly version?: string
  readonly timeline?: readonly Moment[]
}

/** One event on the time line: any but what says that all is well with a host. */
export type Moment = { readonly time: string } & (
  | Exclude<RunEvent, { kind: 'run-started' | 'phase-started' }>
  | { readonly kind: 'phase-started'; readonly phase: string; readonly count: number }
)

/** A run of `preflight`, `apply`, `status` or `remove`. */
export interface RunDocument extends Heading {
  readonly run?: string | undefined
  readonly outcome: string
  /** The closing line of the text. */
  readonly words: string
  readonly inventory: string
  readonly leftOut: number
  readonly tolerated: readonly string[]
  readonly waves?: readonly (readonly string[])[]
  readonly warnings: readonly string[]
  readonly hosts: readonly HostDocument[]
  readonly forward: readonly ForwardDocument[]
  readonly probes: readonly ProbeDocument[]
  readonly objections: readonly ObjectionDocument[]
  readonly unfinished: readonly { readonly state: string; readonly words: string }[]
}

export interface HostDocument {
  readonly host: string
  readonly address: string
  readonly state: string
  readonly protection: Exclude<SeenProtection, 'unreachable'>
  readonly checks: readonly CheckDocument[]
  readonly changes: readonly ChangeDocument[]
  /** What the run has changed, where `changes` are of a look after it. */
  readonly made?: readonly ChangeDocument[] | undefined
  readonly notes: readonly string[]
  readonly rules: readonly RuleDocument[]
  readonly table?: string | undefined
  readonly chains?:
    | readonly { readonly family: 4 | 6; readonly rules: readonly string[] }[]
    | undefined
  readonly traffic?: readonly TrafficDocument[] | undefined
  readonly rejected?: { readonly packets: number; readonly bytes: number } | undefined
  readonly outcome?: OutcomeDocument | undefined
  readonly fault?: FaultDocument | undefined
}

export interface CheckDocument {
  readonly id: string
  readonly title: string
  readonly result: 'pass' | 'unjudged' | 'warn' | 'fail'
  readonly accepted?: boolean | undefined
  readonly reason?: string
  readonly remedy?: string
}

/** FORWARD as it is on hosts that have it alike, without our rules. */
export interface ForwardDocument {
  readonly hosts: readonly string[]
  /** The number of the first rule that is listed. */
  readonly first: number
  readonly rules: readonly string[]
  /** How many rules there are. */
  readonly count: number
  readonly positions: readonly number[]
  readonly position: number
}

export interface RuleDocument {
  readonly position: number
  readonly rule: string
}

export interface TrafficDocument {
  readonly title: string
  readonly before: string | null
  readonly after: string
}

export interface ProbeDocument {
  readonly probe: string
  readonly places: readonly string[]
  readonly before: ProbeResultDocument | null
  readonly after: ProbeResultDocument | null
}

export interface ProbeResultDocument {
  readonly result: string
  readonly reason?: string
  readonly remedy?: string
}

export interface ObjectionDocument {
  readonly kind: string
  readonly host?: string | undefined
  readonly reason: string
}

export interface OutcomeDocument {
  readonly kind: string
  readonly left?: string | undefined
  readonly remedy?: string | undefined
}

export interface FaultDocument {
  readonly step: string
  readonly reason: string
}

interface SetDocument {
  readonly type: string
  readonly members: readonly string[]
}

interface ChainDocument {
  readonly rules: readonly string[]
  readonly jumps: readonly RuleDocument[]
}

/** A change from a state to a state; null: there is none. The undo is the same the other way round. */
export type ChangeDocument =
  | {
      readonly kind: 'set'
      readonly name: string
      readonly before: SetDocument | null
      readonly after: SetDocument | null
    }
  | {
      readonly kind: 'rules'
      readonly before: readonly RuleDocument[]
      readonly after: readonly RuleDocument[]
    }
  | { readonly kind: 'table'; readonly before: string | null; readonly after: string | null }
  | {
      readonly kind: 'chain'
      readonly family: 4 | 6
      readonly before: ChainDocument | null
      readonly after: ChainDocument | null
    }
  | {
      readonly kind: 'boot'
      readonly before: BootDocument | null
      readonly after: BootDocument | null
    }

/** The files that bring the guard back at boot; null: it is missing. */
export interface BootDocument {
  readonly program: string | null
  readonly service: string | null
  readonly enabled: boolean
}

/** A past run. */
export interface PastDocument extends Heading {
  readonly past: {
    readonly run: string
    readonly command: string
    readonly started: string
    readonly ended?: string | undefined
    readonly exitCode?: number | undefined
    readonly who: string
    readonly version: string
    readonly inventory: string
    readonly limit: string | null
    readonly lease: number
    readonly hosts: readonly string[]
    readonly state: string
    readonly words: string
    readonly decided: boolean
    /** Whether not all of its journal could be read, so that it may have changed any of its hosts. */
    readonly partlyRead: boolean
    readonly planned: readonly {
      readonly host: string
      readonly address: string
      readonly changes: readonly ChangeDocument[]
      readonly outcome?: OutcomeDocument | undefined
      readonly fault?: FaultDocument | undefined
    }[]
    readonly troubles: readonly {
      readonly time: string
      readonly phase: string
      readonly host: string
      readonly detail?: string | undefined
    }[]
    readonly objections: readonly ObjectionDocument[]
    readonly waves?: readonly (readonly string[])[]
    readonly tolerated: readonly string[]
  }
}
