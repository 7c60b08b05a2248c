import { rollbackGraceMs } from '../limits.ts'

/** What a person reads who presses Ctrl-C once. `looksOnly`: the run changes no host, as with `--check`. */
export function interruption(
  { decided, committed }: { readonly decided: boolean; readonly committed: boolean },
  looksOnly: boolean,
): string {
  if (looksOnly) {
    return 'Interrupted: fw-run stops. It changes no host. If you press Ctrl-C again, fw-run quits at once.'
  }
  if (committed) {
    return 'Interrupted: the hosts keep the change. If you press Ctrl-C again, fw-run quits at once.'
  }
  return decided
    ? 'Too late to roll back: all hosts will keep the change. Wait until fw-run ends. If you press Ctrl-C again, fw-run quits at once, and you must run `fw-run recover`.'
    : 'Interrupted: fw-run stops, and rolls back what it changed. If you press Ctrl-C again, fw-run quits at once.'
}

/**
 * What a person reads who presses Ctrl-C twice. `committed`: the change is over. `lease` is in seconds. `looksOnly` as above.
 */
export function quitting(committed: boolean, lease: number, looksOnly: boolean): string {
  if (looksOnly) return 'fw-run quits now. It changed no host.'
  if (committed) return 'fw-run quits now. The hosts keep the change: `fw-run status` shows them.'
  const seconds = Math.ceil(lease + rollbackGraceMs / 1000)
  return `fw-run quits now. Wait ${seconds} seconds: each host then has kept its change, or rolled it back. Then run \`fw-run recover\`.`
}
