import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openJournal } from '../../src/journal/journal.ts'
import { lives, startByPs, startOf } from '../../src/journal/life.ts'
import { readRun } from '../../src/journal/read-journals.ts'
import { begunHere, planned } from './runs.ts'

it('takes a run for running as long as its process lives', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'))
  const run = '20261123-041500-3f9a'
  const journal = openJournal(directory, run, begunHere, (message) => {
    throw new Error(message)
  })
  journal.note(planned)
  journal.close()
  expect((await readRun(run, join(directory, `${run}.ndjson`)))?.state).toBe('running')
  rmSync(directory, { recursive: true })
})

describe('startOf', () => {
  it('is the same for the same process, and nothing for none', () => {
    const started = startOf(process.pid)
    expect(started).toMatch(/^\d+$/)
    expect(lives(process.pid, started)).toBe(true)
    expect(lives(process.pid, `${started}0`)).toBe(false)
    expect(startOf(4_194_999)).toBeNull()
    expect(lives(4_194_999, null)).toBe(false)
  })

  it('is nothing for a zombie, which writes no journal any more', async () => {
    // A shell would reap it; the sleep that takes the place of the shell does not.
    const script = 'cat <&3 >/dev/null & echo $!; exec sleep 60 3<&-'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] })
    const [line] = await once(parent.stdout as Readable, 'data')
    const zombie = Number(`${line}`)
    await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n')
    ;(parent.stdio[3] as Writable).end()
    await expect.poll(() => readFileSync(`/proc/${zombie}/stat`, 'utf8')).toContain(') Z ')
    expect(startOf(zombie)).toBeNull()
    parent.kill('SIGKILL')
  })

  it('is read right where the name of a process holds brackets and blanks', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'life-'))
    const program = join(directory, 'a) Z (b')
    execFileSync('cp', ['/bin/sleep', program])
    const child = spawn(program, ['60'])
    await once(child, 'spawn')
    await expect.poll(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toContain('(a) Z (b)')
    expect(startOf(child.pid ?? 0)).toMatch(/^\d{3,}$/)
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true })
  })
})

describe('startByPs', () => {
  it('is a date, the same each time; and nothing for a process that is gone, or a zombie', async () => {
    const started = startByPs(process.pid)
    expect(started).toMatch(/^[A-Z][a-z]{2} .* \d\d:\d\d:\d\d \d{4}$/)
    expect(startByPs(process.pid)).toBe(started)
    expect(startByPs(4_194_999)).toBeNull()
    const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'])
    const [line] = await once(parent.stdout, 'data')
    await expect.poll(() => startByPs(Number(`${line}`))).toBeNull()
    parent.kill('SIGKILL')
  })
})
