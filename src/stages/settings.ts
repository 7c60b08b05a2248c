/** What a person asked for on the command line, for every stage to read. Times are in seconds. */
export interface RunSettings {
  readonly inventory: string
  readonly limit: string | undefined
  readonly extraVars: readonly string[]
  readonly forks: number
  readonly user: string | undefined
  readonly askPass: boolean
  readonly askBecomePass: boolean
  readonly privateKey: string | undefined
  readonly timeout: number
  readonly interface: string | undefined
  readonly yes: boolean
  /** How long to wait for a yes before a change is kept; unset: it is kept without asking. */
  readonly confirm: number | undefined
  /** How long a host keeps an uncommitted change that hears nothing of the runner. */
  readonly lease: number
}
