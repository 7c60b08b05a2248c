import type { FilesRead } from '../files-read.ts'

/** One text of an inventory, and what is to be known of it besides. */
export interface Source {
  /** What messages call it. */
  readonly name: string
  /** `file`: in one of the formats of files. `list`: names of hosts with commas. `output`: what a script printed. */
  readonly kind: 'file' | 'list' | 'output'
  readonly text: string
  /** The file that holds this text; unset: none does, or another text is read in its place. */
  readonly path?: string
  /** What its paths are relative to. */
  readonly directory: string
}

/** The texts that all `-i` name, in the order in which later ones win. */
export interface OpenedSources {
  readonly sources: readonly Source[]
  /** The directories whose `group_vars` and `host_vars` count, each once. */
  readonly varsDirectories: readonly string[]
  /** The directories in which sources were looked for. */
  readonly listings: FilesRead
}
