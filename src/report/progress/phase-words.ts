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
  watch: 'Watch what others do to the rules',
}

/** What a person reads who presses Ctrl-C once. */
export function interruption({ decided }: { readonly decided: boolean }): string {
  const again = 'Press Ctrl-C again to quit immediately'
  return decided
    ? `Interrupted after the decision: all hosts keep the change. ${again}; \`fw-run recover\` then finishes it.`
    : `Interrupted: stopping, and rolling back what was begun. ${again}.`
}
