import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeExecutable } from './executable.ts'
import { licencesWith } from './licences.ts'
import { architectures, fetchNode, nodeName } from './node-binary.ts'
import { makeNpmPackage, readManifest } from './npm-package.ts'
import { run } from './run.ts'
import { makeDeb, makeRpm } from './system-package.ts'
import { layOut } from './system-tree.ts'

// npm run package: everything that a user can install, into packages/. With the word `npm`, only the package for npm, which
// needs no network and no other tool. The same commit makes the same files, but for what V8 compiles (fw-run.cjs.compiled).
const npmOnly = process.argv[2] === 'npm'
const manifest = readManifest()
const out = resolve('packages')
const work = mkdtempSync(join(tmpdir(), 'fw-run-packaging-'))
const room = (name: string): string => {
  mkdirSync(join(work, name))
  return join(work, name)
}
process.umask(0o022)
process.env.SOURCE_DATE_EPOCH ??= run('git', ['log', '-1', '--format=%ct']).trim()
const epoch = Number(process.env.SOURCE_DATE_EPOCH)
rmSync(out, { recursive: true, force: true })
mkdirSync(out)

try {
  if (npmOnly) {
    run('npm', ['run', '--silent', 'build'])
    makeNpmPackage(manifest, room('npm'), out)
  } else {
    demandTools()
    const nodes = new Map(architectures.map((one) => [one, fetchNode(one, room(one))]))
    const builder = nodes.get(architectures.find((one) => one === process.arch) ?? 'x64')
    if (!builder) throw new Error('unreachable')
    // What is compiled is for the Node that builds.
    run(builder.program, ['--import', 'tsx', 'esbuild.config.ts'])
    makeNpmPackage(manifest, room('npm'), out)
    const licences = licencesWith(nodeName, readFileSync(builder.licence, 'utf8'))
    const base = `${manifest.name}-${manifest.version}`
    writeFileSync(join(out, `${base}-licences.txt`), licences)
    for (const [architecture, { program }] of nodes) {
      const executable = join(out, `${base}-linux-${architecture}`)
      makeExecutable(
        architecture,
        program,
        builder.program,
        room(`blob-${architecture}`),
        executable,
      )
      const tree = room(`tree-${architecture}`)
      const files = layOut(tree, executable, licences, manifest, epoch)
      makeRpm(manifest, architecture, tree, files, room(`rpm-${architecture}`), out)
      makeDeb(manifest, architecture, tree, epoch, out)
    }
  }
  writeFileSync(join(out, 'SHA256SUMS'), checksums())
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** The checksums of all that was made, as sha256sum writes them. */
function checksums(): string {
  return readdirSync(out)
    .sort()
    .map((name) => {
      const sum = createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')
      return `${sum}  ${name}\n`
    })
    .join('')
}

/** Throws if a tool is missing that comes from the system. */
function demandTools(): void {
  for (const tool of ['dpkg-deb', 'rpmbuild']) {
    try {
      run(tool, ['--version'])
    } catch {
      throw new Error(`${tool} is missing. On Debian: apt-get install dpkg rpm`)
    }
  }
}
