/** The phases of a run that hosts go through, in their order. A command has those that it needs. */
export type Phase =
  | 'connect'
  | 'preflight'
  | 'apply'
  | 'prove'
  | 'hold'
  | 'commit'
  | 'rollback'
  | 'watch'
  | 'recover'

/** How a look found a host; `ineffective`: its guard stands, but a check fails. */
export type SeenProtection =
  | 'protected'
  | 'drifted'
  | 'ineffective'
  | 'unprotected'
  | 'unreachable'
  | 'unknown'

/** The hosts or probes of a phase. `seconds`: how long each may take, or the watch takes; unset: not fixed. */
interface Awaited {
  readonly names: readonly string[]
  readonly seconds?: number
}

/** What happens during a run, as it happens. Reporters and the journal read it; nothing else prints. */
export type RunEvent =
  | {
      readonly kind: 'run-started'
      readonly run: string
      readonly command: string
      readonly hosts: readonly string[]
    }
  | ({ readonly kind: 'phase-started' } & Awaited &
      (
        | { readonly phase: Phase; readonly hosts: number }
        | { readonly phase: 'probe'; readonly probes: number }
      ))
  | {
      readonly kind: 'host-done'
      readonly phase: Phase
      readonly host: string
      readonly ok: boolean
      readonly detail?: string
    }
  | {
      readonly kind: 'probe-done'
      readonly probe: string
      readonly ok: boolean
      readonly detail?: string
    }
  | { readonly kind: 'phase-ended'; readonly phase: Phase | 'probe' }
  /** From here on the phases are about this wave, the first of which is 1. Not told where all hosts are one. */
  | {
      readonly kind: 'wave-started'
      readonly wave: number
      readonly of: number
      readonly names: readonly string[]
    }
  | { readonly kind: 'warning'; readonly message: string }
  /** What a look of `status --watch` found other than the look before; `before` is null at the first look. */
  | {
      readonly kind: 'protection-changed'
      readonly hosts: readonly string[]
      readonly before: SeenProtection | null
      readonly after: SeenProtection
      /** Why it is not protected. */
      readonly detail?: string
    }
  /** All hosts will keep the change: that is on the disk, and the first of them will now be told. */
  | { readonly kind: 'decided' }
  /** By the user. With `decided`, the change is kept nevertheless; with `committed`, every host was told so before. */
  | { readonly kind: 'interrupted'; readonly decided: boolean; readonly committed: boolean }

/** Takes each event of a run as it happens. */
export type Emit = (event: RunEvent) => void
