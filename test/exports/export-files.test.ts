import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demandWritable, writeExport } from '../../src/exports/export-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fw-run-exports-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const page = (name: string) =>
  ({ form: 'page', option: '--report', file: join(folder, name) }) as const
const junit = (name: string) =>
  ({ form: 'junit', option: '--junit', file: join(folder, name) }) as const

describe('demandWritable', () => {
  it('leaves nothing behind, and an older file as it is', async () => {
    writeFileSync(join(folder, 'old'), 'old')
    await demandWritable([page('old'), junit('new')], [])
    expect(readdirSync(folder)).toEqual(['old'])
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('old')
  })

  it.each([
    ['a directory that does not exist', 'none/page.html', /its directory does not exist/],
    ['a directory', 'dir', /it is a directory/],
    ['a file below a file', 'file/page.html', /its directory is a file/],
    ['a device', 'null', /it is not a file/],
  ])('refuses %s before anything is changed', async (_, name, why) => {
    mkdirSync(join(folder, 'dir'))
    writeFileSync(join(folder, 'file'), '')
    symlinkSync('/dev/null', join(folder, 'null'))
    const refused = demandWritable([page(name)], [])
    await expect(refused).rejects.toMatchObject({
      code: 'output',
      message: expect.stringMatching(why),
    })
    await expect(refused).rejects.toThrow(/changed nothing/)
  })

  it('refuses one file for two forms', async () => {
    await expect(demandWritable([page('x'), junit('./x')], [])).rejects.toThrow(
      '--report and --junit name the same file',
    )
  })

  it.each(['inventory.yaml', 'link', 'nodes/old', 'nodes/new', 'linked/new', 'nodes/away'])(
    'refuses %s, which the run reads or the next one would',
    async (name) => {
      mkdirSync(join(folder, 'nodes'))
      symlinkSync('nodes', join(folder, 'linked'))
      // Such as a known_hosts that lies in a directory of settings.
      writeFileSync(join(folder, 'elsewhere'), 'nodes')
      symlinkSync('../elsewhere', join(folder, 'nodes/away'))
      writeFileSync(join(folder, 'nodes/old'), 'nodes')
      writeFileSync(join(folder, 'inventory.yaml'), 'nodes')
      symlinkSync('inventory.yaml', join(folder, 'link'))
      const read = ['none', 'inventory.yaml', 'nodes'].map((file) => ({
        option: '-i',
        file: join(folder, file),
      }))
      await expect(demandWritable([page(name)], read)).rejects.toThrow(/this run reads .* \(-i\)/)
      await demandWritable([page('inventory.yaml.html'), junit('nodes.xml')], read)
    },
  )
})

describe('writeExport', () => {
  it('replaces the file behind a link, and keeps its mode', async () => {
    writeFileSync(join(folder, 'real'), 'old')
    chmodSync(join(folder, 'real'), 0o640)
    symlinkSync('real', join(folder, 'link'))
    await writeExport(page('link'), 'new')
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new')
    expect(statSync(join(folder, 'real')).mode & 0o777).toBe(0o640)
    expect(readdirSync(folder).sort()).toEqual(['link', 'real'])
  })

  it('never shows a reader a part', async () => {
    const [one, other] = ['a'.repeat(1_000_000), 'b'.repeat(1_000_000)]
    await writeExport(page('page'), one)
    let done = false
    const writing = (async () => {
      for (let i = 0; i < 3; i++) await writeExport(page('page'), i % 2 === 0 ? other : one)
      done = true
    })()
    const seen = new Set<string>()
    while (!done) {
      seen.add(readFileSync(join(folder, 'page'), 'utf8'))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writing
    expect([...seen].every((text) => text === one || text === other)).toBe(true)
    expect(readdirSync(folder)).toEqual(['page'])
  })
})
