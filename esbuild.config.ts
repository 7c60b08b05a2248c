import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { bundledPackages } from './packaging/bundled-packages.ts'
import { licenceOf, renderLicences } from './packaging/licences.ts'
import type { BuiltFrom } from './src/built-from.ts'
import { manualPage } from './src/cli/manual.ts'
import { bundleFrame, compileBundle } from './src/main/bundle.ts'
import { version } from './src/version.ts'

// npm run build: one file, and beside it the same compiled. Node starts it with half the CPU of several hundred
// modules. What only terminals need lies apart, and is loaded only there.
rmSync('dist', { recursive: true, force: true })

const [begin, end] = bundleFrame
const apart = /^(inquirer|listr2)$/
const toTerminals: Plugin = {
  name: 'to-terminals',
  setup({ onResolve }) {
    onResolve({ filter: apart }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${path}.cjs`, external: true },
    )
  },
}
const common: BuildOptions = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  metafile: true,
}
const commonJs: BuildOptions = {
  ...common,
  format: 'cjs',
  minifyWhitespace: true,
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  plugins: [toTerminals],
  // Compiled parts, which ssh2 does without.
  external: ['cpu-features', '*.node'],
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: begin },
  footer: { js: end },
}
const built = await Promise.all([
  build({ ...common, format: 'esm', entryPoints: [{ in: 'src/main/start.ts', out: 'main' }] }),
  build({
    ...commonJs,
    entryPoints: [{ in: 'src/main.ts', out: 'fw-run' }],
    // For a profile of a run. It is not packed.
    sourcemap: 'external',
    sourcesContent: false,
  }),
  build({ ...commonJs, entryPoints: ['listr2'] }),
  build({
    ...commonJs,
    entryPoints: ['inquirer'],
    // As Node gives a module in CommonJS to one that imports its default.
    footer: { js: `module.exports = module.exports.default${end}` },
  }),
  // What the single executable begins with: Node gives it no import.meta.
  build({
    ...commonJs,
    entryPoints: [{ in: 'src/main/executable.ts', out: 'executable' }],
    define: { 'import.meta.url': 'executableUrl' },
    banner: {
      js: "const executableUrl = require('node:url').pathToFileURL(process.execPath).href",
    },
    footer: {},
  }),
])

/** What every command does before it connects: reads its arguments, and an inventory. */
await compileBundle(resolve('dist/fw-run.cjs'), async (exports) => {
  const { main } = exports as typeof import('./src/main.ts')
  const write = process.stdout.write
  process.stdout.write = (_: unknown, ...more: unknown[]) => {
    for (const written of more) if (typeof written === 'function') written()
    return true
  }
  for (const words of [['--help'], ['inventory', '-i', 'inventories/all-settings.yaml']]) {
    if ((await main(words)) !== 0) throw new Error(`fw-run ${words.join(' ')} fails`)
  }
  process.stdout.write = write
})

/** The day of the manual page: SOURCE_DATE_EPOCH, in seconds, makes the same page of the same sources on every day. */
const { SOURCE_DATE_EPOCH: seconds } = process.env
const day = (seconds ? new Date(Number(seconds) * 1000) : new Date()).toISOString().slice(0, 10)
mkdirSync('man', { recursive: true })
writeFileSync('man/fw-run.1', manualPage(version, day))

// What is inside.
const packages = bundledPackages(built.flatMap(({ metafile }) => metafile ?? []))
const commit = existsSync('.git')
  ? execFileSync('git', ['describe', '--always', '--abbrev=40', '--exclude=*', '--dirty'], {
      encoding: 'utf8',
    }).trim()
  : null
const inside: BuiltFrom = {
  commit,
  packages: packages.map(({ name, version: its }) => ({ name, version: its })),
}
writeFileSync('dist/built-from.json', `${JSON.stringify(inside, undefined, 2)}\n`)
writeFileSync('dist/licences.txt', renderLicences(packages.map(licenceOf)))

// What is read as text lies beside the bundle, in the same sub-rooms.
for (const room of ['src/agent/program', 'src/commands/completing']) {
  cpSync(room, 'dist', { recursive: true, filter: (path) => !path.endsWith('.ts') })
}
