import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeRandom } from '../random.ts'
import { type Mutant, mutate } from './point.ts'
import { shellPoints } from './shell.ts'
import { typescriptPoints } from './typescript.ts'

/** The sources of a room, relative to the checkout: a folder of src, or one file of it. */
export function sourcesOf(checkout: string, room: string): readonly string[] {
  const path = join('src', room)
  const file = `${path}.ts`
  if (statSync(join(checkout, file), { throwIfNoEntry: false })) return [file]
  return readdirSync(join(checkout, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|sh)$/.test(name))
    .map((name) => join(path, name))
    .sort()
}

/**
 * Draws so many mutants of these files, the same for the same seed. All points stand in one row, file by file, and one
 * is drawn of each equal stretch of it: so large files have more. Those that `known` names are not drawn.
 */
export function drawMutants(
  checkout: string,
  files: readonly string[],
  { count, seed, known }: { count: number; seed: number; known: (mutant: Mutant) => boolean },
): readonly Mutant[] {
  const all = files.flatMap((file) => {
    const text = readFileSync(join(checkout, file), 'utf8')
    const points = file.endsWith('.sh') ? shellPoints(text) : typescriptPoints(text)
    return points.map((point) => () => mutate(file, text, point))
  })
  const random = makeRandom(seed)
  const stretch = Math.max(1, all.length / count)
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => {
    const from = Math.floor(i * stretch)
    const candidates = all.slice(from, Math.max(from + 1, Math.floor((i + 1) * stretch)))
    while (candidates.length > 0) {
      const mutant = candidates.splice(random.below(candidates.length), 1)[0]?.()
      if (mutant && mutant.was !== mutant.becomes && !known(mutant) && isProgram(mutant))
        return [mutant]
    }
    return []
  }).flat()
}

/** Whether a mutant can be read at all: one that cannot would be noticed by anything. */
function isProgram({ file, text }: Mutant): boolean {
  if (file.endsWith('.sh')) return spawnSync('sh', ['-n'], { input: text }).status === 0
  try {
    return typescriptPoints(text).length >= 0
  } catch {
    return false
  }
}
