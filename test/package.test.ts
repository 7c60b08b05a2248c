import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const jsonIn = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

/** Runs a program that lies in a folder with the rest of its package. */
function runsFromAnyFolder(program: string, words: readonly string[], installed: string): void {
  const run = (...more: string[]): string =>
    execFileSync(program, [...words, ...more], { cwd: '/', encoding: 'utf8' })
  expect(run('--version')).toBe(`${jsonIn(join(root, 'package.json')).version}\n`)
  const inventory = join(installed, 'inventories', 'three-nodes.yaml')
  expect(run('inventory', '-i', inventory)).toMatch(/^HOSTS to protect .*\n {2}node1 /)
}

describe('the package', () => {
  let folder: string
  let archive: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fw-run-package-'))
    const names = [
      'package-lock.json',
      'bin',
      'dist',
      'schema',
      'docs',
      'inventories',
      '.gitignore',
    ]
    for (const name of names) cpSync(join(root, name), join(folder, name), { recursive: true })
    const description = jsonIn(join(root, 'package.json'))
    // Other tests run the program that a build would replace.
    delete description.scripts.prepare
    writeFileSync(join(folder, 'package.json'), JSON.stringify(description))
    archive = join(
      folder,
      execFileSync('npm', ['pack', '--silent'], { cwd: folder, encoding: 'utf8' }).trim(),
    )
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('holds the schema of the JSON, and the versions that were tested', () => {
    const files = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' })
    expect(files).toContain('package/bin/fw-run.js\n')
    expect(files).toContain('package/schema/fw-run.schema.json\n')
    expect(files).toContain('package/docs/json.md\n')
    expect(files).toContain('package/npm-shrinkwrap.json\n')
    // One that stays behind would rule over package-lock.json.
    expect(existsSync(join(folder, 'npm-shrinkwrap.json'))).toBe(false)
  })

  it('runs from any folder as it is packed', () => {
    const unpacked = join(folder, 'unpacked')
    mkdirSync(unpacked)
    execFileSync('tar', ['-xzf', archive, '-C', unpacked])
    const installed = join(unpacked, 'package')
    runsFromAnyFolder(process.execPath, [join(installed, 'bin', 'fw-run.js')], installed)
  })
})
