import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packedManifest } from '../../packaging/npm-package.ts'

const source = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

describe('packedManifest', () => {
  const { manifest, shrinkwrap } = packedManifest(source)

  it('makes npm run no script and get no other package', () => {
    for (const name of ['scripts', 'dependencies', 'devDependencies', 'optionalDependencies'])
      expect(manifest).not.toHaveProperty(name)
    expect(Object.keys((shrinkwrap as { packages: object }).packages)).toEqual([''])
  })

  it('keeps what npm needs to install and to start it', () => {
    const { name, version, type, bin, man, engines, license } = source
    expect(manifest).toMatchObject({ name, version, type, bin, man, engines, license })
    expect(shrinkwrap).toMatchObject({ name, version })
  })
})
