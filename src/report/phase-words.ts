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
  watch: 'Watch what others do to the rules',
}

/** What a person reads who has pressed Ctrl-C. */
export function interruption({ decided }: { readonly decided: boolean }): string {
  return decided
    ? 'Interrupted, but it is decided: all hosts keep the change. Once more leaves at once, and `fw-run recover` then finishes it.'
    : 'Interrupted: taking back what was begun. Once more leaves at once.'
}

/** What a person reads who has pressed it twice while hosts may have been being changed. */
export const leaving =
  'Left at once. Hosts settle by themselves, at the end of their lease at the latest; `fw-run status` tells how they stand, and what is left to do.'
