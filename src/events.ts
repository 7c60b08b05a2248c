/** The phases of a run, in their order; a run goes through those that its command needs. `probe` is not one of hosts. */
export type Phase =
  | 'connect'
  | 'preflight'
  | 'apply'
  | 'prove'
  | 'commit'
  | 'rollback'
  | 'watch'
  | 'recover'

/** Which hosts or probes a phase is about, and how many seconds each may take, or the watch takes; unset: not fixed. */
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
  | { readonly kind: 'warning'; readonly message: string }
  /** All hosts will keep the change: that is on the disk, and the first of them is about to be told. */
  | { readonly kind: 'decided' }
  /** By the user; `decided` says that a change will be kept all the same. */
  | { readonly kind: 'interrupted'; readonly decided: boolean }
  | {
      readonly kind: 'run-ended'
      readonly run: string
      readonly outcome: string
      readonly exitCode: number
    }

/** Takes each event of a run as it happens. */
export type Emit = (event: RunEvent) => void
