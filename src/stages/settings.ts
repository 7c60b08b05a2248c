/** What the command line asks for, as far as stages need it. Times are in seconds. */
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
  /** How long the question whether to keep a change waits for a yes; unset: nobody is asked. */
  readonly confirm: number | undefined
  /** How long a host keeps an uncommitted change after the last sign of life of the runner. */
  readonly lease: number
}
