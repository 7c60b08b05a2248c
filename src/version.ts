import { readFileSync } from 'node:fs'

/** The version of this program, from its package.json, which lies above both the sources and the build. */
export const version = readVersion()

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version: found } = JSON.parse(text) as { version: string }
  return found
}
