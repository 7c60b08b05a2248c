import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

// npm run build: one file for what every command needs and one for each part that few need. Node loads it in half the
// time that several hundred modules take. ssh2 stays outside: it may have compiled parts.
rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['ssh2'],
  // What our libraries in CommonJS ask for.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  logLevel: 'warning',
})

const program = 'src/agent/program'
for (const part of readdirSync(program).filter((name) => name.endsWith('.sh'))) {
  copyFileSync(`${program}/${part}`, `dist/${part}`)
}
