import type { Phase } from '../../events.ts'

/** What each phase does, as a person reads it while it runs. */
export const phaseWords: Readonly<Record<Phase | 'probe', string>> = {
  connect: 'Connect and read facts',
  preflight: 'Check and plan',
  apply: 'Apply and verify',
  prove: 'Open new connections',
  probe: 'Try probes',
  commit: 'Commit',
  rollback: 'Roll back',
  recover: 'Wait for hosts to finish by themselves',
  watch: 'Watch for programs that move rules',
}

/** What a person reads who presses Ctrl-C once. */
export function interruption({ decided }: { readonly decided: boolean }): string {
  return decided
    ? 'Too late to roll back: all hosts will keep the change. Wait until fw-run ends. If you press Ctrl-C again, fw-run quits at once. Then run `fw-run recover`.'
    : 'Interrupted: fw-run stops, and rolls back what it changed. If you press Ctrl-C again, fw-run quits at once.'
}
