import type { SeenProtection } from '../events.ts'

/** How a host was found, for a person. It says why the guard may not work; programs know that as `ineffective`. */
export const protectionWords: Readonly<Record<SeenProtection, string>> = {
  protected: 'protected',
  drifted: 'drifted',
  ineffective: 'check-fails',
  unprotected: 'unprotected',
  unreachable: 'unreachable',
  unknown: 'unknown',
}
