import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Architecture } from './node-binary.ts'
import { run } from './run.ts'

/** Of Node: where it looks for the number that says whether it has a program inside. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * Makes `target` of a build of Node and of what `npm run build` wrote: a file that is program and Node in one. `builder` is
 * the same Node for this machine. It works in `folder`.
 */
export function makeExecutable(
  architecture: Architecture,
  node: string,
  builder: string,
  folder: string,
  target: string,
): void {
  const blob = join(folder, 'blob')
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      main: resolve('dist/executable.cjs'),
      output: blob,
      disableExperimentalSEAWarning: true,
      assets: assetsFor(architecture),
    }),
  )
  run(builder, ['--experimental-sea-config', config])
  copyFileSync(node, target)
  run('postject', [target, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse])
}

/** What the program reads of itself, by its name. What was compiled here is for this machine's processor only. */
function assetsFor(architecture: Architecture): Readonly<Record<string, string>> {
  const needed = readdirSync('dist', { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() &&
      !['main.js', 'executable.cjs', 'fw-run.cjs.map', 'licences.txt'].includes(entry.name) &&
      (architecture === process.arch || !entry.name.endsWith('.compiled')),
  )
  const files = needed.map(({ name, parentPath }) => [name, resolve(parentPath, name)] as const)
  return Object.fromEntries([...files.sort(), ['package.json', resolve('package.json')]])
}
