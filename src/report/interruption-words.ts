import { rollbackGraceMs } from '../limits.ts'

/** What a person reads who presses Ctrl-C once. */
export function interruption({ decided }: { readonly decided: boolean }): string {
  return decided
    ? 'Too late to roll back: all hosts will keep the change. Wait until fw-run ends. If you press Ctrl-C again, fw-run quits at once, and you must run `fw-run recover`.'
    : 'Interrupted: fw-run stops, and rolls back what it changed. If you press Ctrl-C again, fw-run quits at once.'
}

/** What a person reads who presses Ctrl-C twice while hosts may be changing. `lease` is in seconds. */
export function quitting(lease: number): string {
  const seconds = Math.ceil(lease + rollbackGraceMs / 1000)
  return `fw-run quits now. Wait ${seconds} seconds: each host then has kept its change, or rolled it back. Then run \`fw-run recover\`.`
}
