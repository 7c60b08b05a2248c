import type { Phase } from '../events.ts'

/** What each phase does, as a person reads it while it runs. */
export const phaseWords: Readonly<Record<Phase | 'probe', string>> = {
  connect: 'Connect and read facts',
  preflight: 'Check and plan',
  apply: 'Apply and verify',
  prove: 'Connect anew',
  probe: 'Try probes',
  commit: 'Commit',
  rollback: 'Roll back',
  recover: 'Wait until hosts have settled',
  settle: 'Watch what others do to the rules',
}

/** What a person reads who has pressed Ctrl-C. */
export const interruption = 'Interrupted: taking back what was begun. Once more leaves at once.'
