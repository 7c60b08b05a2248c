import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ownHome } from '../../jump-host/own-home.ts'
import { globOf } from '../../text/glob.ts'

/**
 * The files that the words of an Include name, as glob(7) finds them; undefined where we cannot tell. `base` is the directory
 * of names without one.
 */
export function includedFiles(
  words: readonly string[],
  base: string,
): readonly string[] | undefined {
  const found: string[] = []
  for (const word of words) {
    // Classes and braces, and what versions of ssh expand in different ways.
    if (/[[\]{}%$\\]|^~[^/]/.test(word)) return undefined
    const path = word.startsWith('~/') ? join(ownHome(), word.slice(2)) : resolve(base, word)
    found.push(...matching(path))
  }
  return found
}

function matching(pattern: string): readonly string[] {
  if (!/[*?]/.test(pattern)) return [pattern]
  const directory = dirname(pattern)
  const name = pattern.slice(directory.length).replace(/^\//, '')
  return matching(directory).flatMap((parent) => {
    if (!/[*?]/.test(name)) return [join(parent, name)]
    const wanted = globOf(name)
    return namesIn(parent)
      .filter((one) => wanted.test(one) && (name.startsWith('.') || !one.startsWith('.')))
      .sort()
      .map((one) => join(parent, one))
  })
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
