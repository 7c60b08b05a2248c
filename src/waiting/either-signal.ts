import { setMaxListeners } from 'node:events'

/** A signal that comes with the first of some signals. Any number of hosts may listen to it. */
export function eitherSignal(...signals: readonly AbortSignal[]): AbortSignal {
  const either = AbortSignal.any([...signals])
  // Node would print a warning from the eleventh host on.
  setMaxListeners(0, either)
  return either
}
