import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundledPackages } from '../../packaging/bundled-packages.ts'
import { licenceOf, renderLicences } from '../../packaging/licences.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fw-run-licences-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Installs a package with these files below a folder, and returns its folder. */
function install(below: string, name: string, version: string, files: object = {}): string {
  const folder = join(root, below, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version }))
  return folder
}

describe('bundledPackages', () => {
  it('finds each package of which a file is inside, in all its versions, and nothing of ours', () => {
    const [one, two] = [install('', '@a/b', '1.0.0'), install('', 'c', '2.0.0')]
    const older = install('node_modules/c', '@a/b', '0.9.0')
    const inputs = Object.fromEntries(
      [`${one}/x.js`, `${one}/y.js`, `${two}/x.js`, `${older}/dist/x.js`, 'src/main.ts'].map(
        (path) => [path, { bytesInOutput: 1 }],
      ),
    )
    const output = { bytes: 1, imports: [], exports: [], inputs }
    const found = bundledPackages([{ inputs: {}, outputs: { 'dist/x.cjs': output } }])
    expect(found.map(({ name, version }) => `${name} ${version}`)).toEqual([
      '@a/b 0.9.0',
      '@a/b 1.0.0',
      'c 2.0.0',
    ])
  })
})

describe('licenceOf', () => {
  it.each(['LICENSE', 'license.md', 'LICENCE.txt', 'COPYING', 'LICENSE-MIT'])(
    'reads %s',
    (file) => {
      const folder = install('', 'c', '2.0.0', { [file]: 'Do as you like.\r\n\n' })
      const licence = licenceOf({ name: 'c', version: '2.0.0', folder })
      expect(licence).toEqual({ of: 'c 2.0.0', text: 'Do as you like.' })
    },
  )

  it.each([{}, { LICENSE: ' \n' }, { 'licensed.js': 'x' }])(
    'lets nothing be shipped without one: %j',
    (files) => {
      const folder = install('', 'c', '2.0.0', files)
      expect(() => licenceOf({ name: 'c', version: '2.0.0', folder })).toThrow(
        /c 2\.0\.0 has no licence/,
      )
    },
  )
})

describe('renderLicences', () => {
  it('says a text once for all that have it', () => {
    const text = renderLicences([
      { of: 'a 1', text: 'MIT' },
      { of: 'b 1', text: 'ISC' },
      { of: 'c 1', text: 'MIT' },
    ])
    expect(text.split(/\n-+\n/)).toEqual(['a 1\nc 1\n\nMIT\n', '\nb 1\n\nISC\n'])
  })
})
