import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('the package', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fw-run-package-'))
    for (const name of ['package-lock.json', 'bin', 'schema', 'docs', '.gitignore'])
      cpSync(join(root, name), join(folder, name), { recursive: true })
    const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    // Other tests run the program that a build would replace.
    delete description.scripts.prepare
    writeFileSync(join(folder, 'package.json'), JSON.stringify(description))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('holds the schema of the JSON, and the versions that were tested', () => {
    execFileSync('npm', ['pack', '--silent'], { cwd: folder })
    const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    const files = execFileSync('tar', ['-tzf', archive], { cwd: folder, encoding: 'utf8' })
    expect(files).toContain('package/bin/fw-run.js\n')
    expect(files).toContain('package/schema/fw-run.schema.json\n')
    expect(files).toContain('package/docs/json.md\n')
    expect(files).toContain('package/npm-shrinkwrap.json\n')
    // One that stays behind would rule over package-lock.json.
    expect(existsSync(join(folder, 'npm-shrinkwrap.json'))).toBe(false)
  })
})
