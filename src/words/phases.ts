import type { Phase } from '../events.ts'

/** What each phase does, as a person reads it while it runs. */
export const phaseWords: Readonly<Record<Phase | 'probe', string>> = {
  connect: 'Connect and read facts',
  preflight: 'Check and plan',
  apply: 'Apply and verify',
  prove: 'Open new connections',
  hold: 'Wait after this wave',
  probe: 'Try probes',
  commit: 'Commit',
  rollback: 'Roll back',
  recover: 'Wait for hosts to finish by themselves',
  watch: 'Watch for programs that move rules',
}
