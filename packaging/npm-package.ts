import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'

/** What package.json says of the package. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly files: readonly string[]
  readonly [more: string]: unknown
}

/**
 * What a package with everything inside says of itself: npm gets no other package for it, and runs no script of it. Its
 * shrinkwrap says the same.
 */
export function packedManifest(manifest: Manifest): { manifest: object; shrinkwrap: object } {
  const { scripts, dependencies, devDependencies, allowScripts, ...kept } = manifest
  const { name, version, license, bin, engines } = kept
  const own = { name, version, license, bin, engines }
  const shrinkwrap = { name, version, lockfileVersion: 3, requires: true, packages: { '': own } }
  return { manifest: kept, shrinkwrap }
}

/** Packs the checkout for npm into the folder `out`. It works in `folder`. */
export function makeNpmPackage(source: Manifest, folder: string, out: string): void {
  const { manifest, shrinkwrap } = packedManifest(source)
  const json = (name: string, content: object): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(content, undefined, 2)}\n`)
  for (const name of source.files) {
    if (name !== 'npm-shrinkwrap.json') cpSync(name, join(folder, name), { recursive: true })
  }
  for (const name of ['executable.cjs', 'fw-run.cjs.map']) rmSync(join(folder, 'dist', name))
  json('package.json', manifest)
  json('npm-shrinkwrap.json', shrinkwrap)
  run('npm', ['pack', folder, '--silent', '--pack-destination', out])
}

/** The package.json of the checkout. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync('package.json', 'utf8'))
}
