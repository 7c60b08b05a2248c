import { readOwnFile } from './own-files.ts'

/** What a build was made of: its commit, with `-dirty` if files differed; and the packages that are inside. */
export interface BuiltFrom {
  /** null: it was built where git knows no commit. */
  readonly commit: string | null
  readonly packages: readonly { readonly name: string; readonly version: string }[]
}

/** The same of this program, as the build wrote it. The sources themselves have no such file, and no package inside. */
export function builtFrom(): BuiltFrom {
  try {
    return JSON.parse(readOwnFile(new URL('./built-from.json', import.meta.url)).toString())
  } catch {
    return { commit: null, packages: [] }
  }
}
