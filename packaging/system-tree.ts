import {
  chmodSync,
  copyFileSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Manifest } from './npm-package.ts'

const documents = '/usr/share/doc/fw-run'

/** Where shells look for completions: zsh of Debian, zsh of others. */
const completions = {
  bash: ['/usr/share/bash-completion/completions/fw-run'],
  zsh: ['/usr/share/zsh/vendor-completions/_fw-run', '/usr/share/zsh/site-functions/_fw-run'],
  fish: ['/usr/share/fish/vendor_completions.d/fw-run.fish'],
} as const

/** Lays out below `tree` what a package of the system installs. All of it is of `epoch`, in seconds. Returns the paths of the files. */
export function layOut(
  tree: string,
  executable: string,
  licences: string,
  { files }: Manifest,
  epoch: number,
): readonly string[] {
  const place = (path: string, put: (target: string) => void): void => {
    mkdirSync(dirname(tree + path), { recursive: true })
    put(tree + path)
  }
  place('/usr/bin/fw-run', (target) => copyFileSync(executable, target))
  place('/usr/share/man/man1/fw-run.1.gz', (target) =>
    writeFileSync(target, gzipSync(readFileSync('man/fw-run.1'), { level: 9 })),
  )
  for (const [shell, paths] of Object.entries(completions)) {
    for (const path of paths)
      place(path, (target) => copyFileSync(`dist/completion.${shell}`, target))
  }
  place(`${documents}/copyright`, (target) => writeFileSync(target, licences))
  const shown = files.filter((name) => /^(docs|examples|inventories|schema)$|\.md$/.test(name))
  for (const name of shown)
    place(`${documents}/${name}`, (target) => cpSync(name, target, { recursive: true }))

  const all = readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort()
  for (const name of ['.', ...all]) {
    const path = join(tree, name)
    const isProgram = statSync(path).isDirectory() || name.startsWith('usr/bin/')
    chmodSync(path, isProgram ? 0o755 : 0o644)
    lutimesSync(path, epoch, epoch)
  }
  return all.filter((name) => statSync(join(tree, name)).isFile()).map((name) => `/${name}`)
}
