/** One named part of an answer: what a command on the host printed, and its exit code. */
export interface Section {
  readonly text: string
  readonly code: number
}

/** An answer of the agent: its sections by name. Only `facts/` reads them. */
export type Sections = ReadonlyMap<string, Section>
