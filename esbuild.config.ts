import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { bundleFrame, compileBundle } from './src/bundle.ts'

// npm run build: one file, and beside it the same compiled. Node starts it with a third less CPU than several hundred
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
}
const commonJs: BuildOptions = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  plugins: [toTerminals],
  // Compiled parts, which ssh2 does without.
  external: ['cpu-features', '*.node'],
}
await Promise.all([
  build({ ...common, format: 'esm', entryPoints: [{ in: 'src/start.ts', out: 'main' }] }),
  build({
    ...commonJs,
    entryPoints: [{ in: 'src/main.ts', out: 'fw-run' }],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: begin },
    footer: { js: end },
  }),
  build({ ...commonJs, entryPoints: ['listr2'] }),
  build({
    ...commonJs,
    entryPoints: ['inquirer'],
    // As Node gives a module in CommonJS to one that imports its default.
    footer: { js: 'module.exports = module.exports.default' },
  }),
])
compileBundle('dist/fw-run.cjs')

const program = 'src/agent/program'
for (const part of readdirSync(program).filter((name) => name.endsWith('.sh'))) {
  copyFileSync(`${program}/${part}`, `dist/${part}`)
}
