import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { runsDirectory } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { main } from '../../src/main.ts'
import { isolate } from '../cli/isolate.ts'
import { begun, planned } from '../journal/runs.ts'
import { readOutput } from '../report/contract.ts'

isolate()

/** What a command wrote to stdout, in a form for programs, and its exit code. */
async function run(words: string, format: 'json' | 'ndjson'): Promise<readonly unknown[]> {
  let stdout = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text, done?: unknown) => {
    stdout += text
    if (typeof done === 'function') done()
    return true
  })
  const exitCode = await main(words.split(' '))
  const documents = readOutput(stdout, format)
  expect(JSON.stringify(documents.at(-1))).toContain(`"exitCode":${exitCode}`)
  return documents
}

describe('main', () => {
  it.each([
    [
      'apply --output json',
      'apply',
      'no inventory: give -i/--inventory FILE, or set FW_RUN_INVENTORY',
      'Run `fw-run apply --help`.',
    ],
    ['aply --output=json', null, "unknown command 'aply'", 'Did you mean apply?'],
    ['status -i h --output json -l', 'status', /argument missing/, 'Run `fw-run status --help`.'],
    ['--output json', null, /./, 'Run `fw-run --help`.'],
  ])('tells a program of bad usage: %s', async (words, command, message, remedy) => {
    expect(await run(words, 'json')).toMatchObject([
      {
        ...{ schema: 1, command, exitCode: 5 },
        error: { code: 'usage', message: expect.stringMatching(message), remedy },
      },
    ])
  })

  it('tells a program of bad usage that asks by FW_RUN_OUTPUT, in one line for ndjson', async () => {
    vi.stubEnv('FW_RUN_OUTPUT', 'ndjson')
    expect(await run('apply', 'ndjson')).toMatchObject([
      { kind: 'run-failed', command: 'apply', exitCode: 5 },
    ])
  })

  it('ends with the code of bad usage where recover was given another inventory than the unfinished run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fw-run-main-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    vi.stubEnv('XDG_STATE_HOME', folder)
    const [a, b] = [join(folder, 'a.yml'), join(folder, 'b.yml')]
    for (const file of [a, b]) {
      await writeFile(file, 'all: {hosts: {node3: {ansible_host: 192.0.2.13, fw_interface: lo}}}\n')
    }
    const id = '20261123-050000-0002'
    const journal = openJournal(runsDirectory(), id, { ...begun, inventory: b }, () => {})
    journal.note(planned)
    journal.close()
    expect(await run(`recover -i ${a} --output json`, 'json')).toMatchObject([
      { exitCode: 5, error: { code: 'usage', message: expect.stringContaining(id) } },
    ])
  })

  it('writes the inventory as the schema says', async () => {
    const file = fileURLToPath(new URL('../../inventories/all-settings.yaml', import.meta.url))
    const [document] = await run(`inventory -i ${file} --output json`, 'json')
    expect(document).toMatchObject({ schema: 1, command: 'inventory', exitCode: 0 })
  })

  it('shows an inventory whose passwords are encrypted, or in encrypted files: it logs in to nobody', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fw-run-main-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'h.yml')
    const vars =
      'ansible_become_password: !vault abc, ansible_password: "{{ vault_pw }}", fw_interface: lo'
    await writeFile(file, `all: {vars: {${vars}}, hosts: {192.0.2.1: }}\n`)
    for (const words of ['inventory', 'apply --list-hosts']) {
      const [document] = await run(`${words} -i ${file} --output json`, 'json')
      expect(document).toMatchObject({ exitCode: 0, hosts: [{ host: '192.0.2.1' }] })
    }
  })

  it('says when a command began and ended, of a fault as well', async () => {
    const before = new Date().toISOString()
    const [document] = await run('inventory -i nowhere.yaml --output json', 'json')
    const { started, ended } = Object(document)
    expect([before, started, ended, new Date().toISOString()].toSorted()).toEqual([
      ...[before, started, ended],
      expect.any(String),
    ])
  })
})
