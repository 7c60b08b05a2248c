/** A host to be added to an inventory. */
export interface NewHost {
  readonly name: string
  /** Where to connect; undefined: its name says it. */
  readonly address?: string | undefined
  /** The groups of which one must have it, the best first. */
  readonly groups: readonly string[]
}
