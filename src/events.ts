/** The phases of a run, in their order; a run goes through those that its command needs. */
export type Phase = 'connect' | 'preflight' | 'apply' | 'commit' | 'rollback' | 'settle'

/** What happens during a run, as it happens. Reporters and the journal read it; nothing else prints. */
export type RunEvent =
  | {
      readonly kind: 'run-started'
      readonly run: string
      readonly command: string
      readonly hosts: readonly string[]
    }
  | { readonly kind: 'phase-started'; readonly phase: Phase; readonly hosts: number }
  | {
      readonly kind: 'host-done'
      readonly phase: Phase
      readonly host: string
      readonly ok: boolean
      readonly detail?: string
    }
  | { readonly kind: 'phase-ended'; readonly phase: Phase }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'interrupted' }
  | {
      readonly kind: 'run-ended'
      readonly run: string
      readonly outcome: string
      readonly exitCode: number
    }

/** Takes each event of a run as it happens. */
export type Emit = (event: RunEvent) => void
