import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundleFrame, checksum, compileBundle, loadBundle } from '../../src/main/bundle.ts'

describe('loadBundle', () => {
  let [folder, file, compiled] = ['', '', '']
  const programOf = (answer: number): string =>
    bundleFrame.join(`module.exports = { answer: () => ${answer} }`)
  const writeProgram = (answer: number): void => writeFileSync(file, programOf(answer))
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fw-run-bundle-'))
    file = join(folder, 'program.cjs')
    compiled = `${file}.compiled`
    // Elsewhere: V8 remembers what it compiled for a file.
    const made = join(folder, 'made.cjs')
    writeFileSync(made, programOf(1))
    await compileBundle(made, async (exports) => {
      ;(exports as { answer: () => number }).answer()
    })
    renameSync(made, file)
    renameSync(`${made}.compiled`, compiled)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const answer = (): number => (loadBundle(file) as { answer: () => number }).answer()

  it('uses what was compiled, if it is of this text', () => {
    const code = readFileSync(compiled).subarray(0, -4)
    writeProgram(2)
    // Forged, to show which of the two runs.
    writeFileSync(compiled, Buffer.concat([code, checksum(readFileSync(file), code)]))
    expect(answer()).toBe(1)
  })

  it('runs the text that is there, although another of the same length was compiled', () => {
    writeProgram(2)
    expect(answer()).toBe(2)
  })

  it.each([
    ['is damaged', (content: Buffer) => content.fill(0, 100, 120)],
    ['is cut short', (content: Buffer) => content.subarray(0, 50)],
    ['is empty', () => ''],
  ])('runs the text when what was compiled %s', (_, change) => {
    writeFileSync(compiled, change(readFileSync(compiled)))
    expect(answer()).toBe(1)
  })

  it('runs the text when it was compiled for another architecture', () => {
    const code = readFileSync(compiled).subarray(0, -4)
    writeProgram(2)
    const { arch } = process
    Object.defineProperty(process, 'arch', { value: 'other' })
    const sum = checksum(readFileSync(file), code)
    Object.defineProperty(process, 'arch', { value: arch })
    writeFileSync(compiled, Buffer.concat([code, sum]))
    expect(answer()).toBe(2)
  })

  it('runs the text when nothing was compiled', () => {
    rmSync(compiled)
    expect(answer()).toBe(1)
  })
})
