/** What kind of fault ended a run. */
export type FaultCode =
  | 'usage'
  | 'inventory'
  | 'credentials'
  | 'journal'
  | 'output'
  | 'interrupted'
  | 'internal'

/** What a thrown value says, for a reader. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The exit code of a run that ended by such a fault. */
export const faultExitCodes: Readonly<Record<FaultCode, number>> = {
  inventory: 1,
  credentials: 1,
  journal: 1,
  output: 1,
  internal: 1,
  usage: 5,
  interrupted: 130,
}

/**
 * The one thrown error of this project, for faults of the invocation, the inventory or this program.
 * What a host does wrong is never thrown: it is a value in that host's outcome.
 * `message` says what happened, `remedy` what to do next; both are whole sentences for a person.
 */
export class FwRunError extends Error {
  readonly code: FaultCode
  readonly remedy: string | undefined
  readonly host: string | undefined

  constructor(
    code: FaultCode,
    message: string,
    details: { remedy?: string; host?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.name = 'FwRunError'
    this.code = code
    this.remedy = details.remedy
    this.host = details.host
  }
}
