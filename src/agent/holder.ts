/** A run that holds the lock of a host, or left it there. `who` is empty where only the id of the run is known. */
export interface Holder {
  readonly run: string
  readonly who: string
}

/** Reads `RUN<tab>WHO`; undefined where nothing is told. */
export function parseHolder(text: string): Holder | undefined {
  const [run = '', who = ''] = text.trim().split('\t')
  return run === '' ? undefined : { run, who }
}

/** `run 20261123-100400-3f9a (fw-run apply by ann@jump, started 2026-11-23 10:04Z)`. */
export function nameHolder({ run, who }: Holder): string {
  const [, by, command, started] = /^(\S+), (fw-run \w+), since (\S+)$/.exec(who) ?? []
  if (by === undefined || command === undefined || started === undefined) {
    return who === '' ? `run ${run}` : `run ${run} by ${who}`
  }
  const time = started.replace(/^([\d-]+)T(\d\d:\d\d):.*Z$/, '$1 $2Z')
  return `run ${run} (${command} by ${by}, started ${time})`
}

/** Why a host cannot be changed now. */
export function describeHolder(holder: Holder): string {
  return `another run holds this host: ${nameHolder(holder)}`
}
