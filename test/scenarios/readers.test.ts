import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { executable, fwRun } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

describe('the same apply, for each reader', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
    await lab.file('inventory.yaml', lab.inventoryYaml())
  })
  afterAll(() => lab.stop())

  it('piped: plain text without escape codes, result on stdout, progress on stderr', async () => {
    const run = await fwRun(lab, ['apply', '--check'])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what must not be there
    expect(run.stdout + run.stderr).not.toMatch(/\x1b/)
    expect(run.stdout).toMatch(/^CHECKS\nwarn [\s\S]*\n\nTO BE CHANGED\n/)
    expect(run.stderr).toMatch(
      /^Connect and read facts: 3 of 3 hosts\nCheck and plan: 3 of 3 hosts\n$/,
    )
  })

  it('--output json | jq: one document and nothing else', async () => {
    const run = await lab.jump.run(
      `node ${executable} apply --check -i inventory.yaml --output json 2>/dev/null | jq -r '.outcome, .hosts[].host'`,
    )
    expect(run.stdout).toBe('pending\nnode1\nnode2\nnode3\n')
  })

  it('--output json into a file, at a terminal: one document and nothing else', async () => {
    const line = `node ${executable} preflight -i inventory.yaml --output json >out.json`
    const run = await lab.jump.run(`script -qec '${line}' /dev/null; jq -r .command out.json`)
    expect(run.stdout).toMatch(/Check and plan.*3 of 3[\s\S]*preflight\n$/)
  })

  it('--output ndjson: one event a line, the result last', async () => {
    const run = await fwRun(lab, ['apply', '--check', '--output', 'ndjson'])
    const events = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; result?: { exitCode: number } })
    expect(events[0]?.kind).toBe('run-started')
    expect(events.filter(({ kind }) => kind === 'host-done')).toHaveLength(6)
    expect(events.at(-1)).toMatchObject({ kind: 'run-ended', result: { exitCode: 3 } })
  })

  it('a fault of the inventory is a JSON document as well, and words on stderr', async () => {
    const run = await fwRun(lab, ['apply', '-i', 'nowhere.yaml', '--output', 'json'])
    expect(run.code).toBe(1)
    expect(run.json()).toMatchObject({ error: { code: 'inventory' }, exitCode: 1 })
    expect(run.stderr).toContain('nowhere.yaml: no such file')
  })

  it('a reader that leaves early does not stop the transaction', async () => {
    const run = await lab.jump.run(
      `node ${executable} apply -i inventory.yaml 2>&1 | true; while pgrep -f '^node .*fw-run.js apply' >/dev/null; do sleep 0.1; done`,
    )
    expect(run.code).toBe(0)
    expect((await fwRun(lab, ['status'])).code).toBe(0)
    await fwRun(lab, ['remove'])
  })

  it('in a terminal: phases with counters, then the recap and the result on the screen', async () => {
    const terminal = await openTerminal(lab, ['apply'])
    const screen = await terminal.shows(/^exit code \d/m)
    await terminal.close()
    expect(screen).toMatch(/✔ Connect and read facts: 3 of 3/)
    expect(screen).toMatch(/✔ Commit: 3 of 3/)
    expect(screen).toMatch(/node3 : ok=\d+ +changed=2/)
    expect(screen).toMatch(/apply: done, 3 of 3 hosts changed\.\n+exit code 0/)
    await fwRun(lab, ['remove'])
  })
})
