import { readOwnFile } from './own-files.ts'

/** The version of this program, from its package.json, which lies above both the sources and the build. */
export const version = readVersion()

function readVersion(): string {
  const text = readOwnFile(new URL('../package.json', import.meta.url)).toString()
  const { version: found } = JSON.parse(text) as { version: string }
  return found
}
