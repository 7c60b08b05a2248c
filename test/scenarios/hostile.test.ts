import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { firewalls, fwRun, type Run } from './fw-run.ts'

const program = fileURLToPath(new URL('../lab/hostile-sshd.ts', import.meta.url))

/** Makes the runner write the most memory that it took, in kB, into its home. */
const weighing = `--import=data:text/javascript,${encodeURIComponent(
  "import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync('weight',String(process.resourceUsage().maxRSS)))",
)}`

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ hosts: 3 })
  const node2 = lab.host('node2')
  await node2.killSshd()
  const { code, stdout } = await node2.run(`cd '${dirname(program)}'
    setsid '${process.execPath}' --import tsx '${program}' >/run/hostile 2>&1 </dev/null &
    until [ -s /run/hostile ]; do sleep 0.1; done; cat /run/hostile; grep -q listening /run/hostile`)
  if (code !== 0) throw new Error(stdout)
})
afterAll(() => lab.stop())

async function runWith(part: string, ...words: string[]): Promise<Run> {
  await lab.host('node2').run(`printf '%s' '${part}' >/run/hostile.part`)
  const run = await fwRun(lab, words, { env: { NODE_OPTIONS: weighing } })
  expect(Number((await lab.jump.run('cat weight')).stdout)).toBeLessThan(300_000)
  return run
}

const tooLong =
  /FAIL {2}facts cannot be read: node2\n.*its answer is longer than 64 million characters/

describe('where node2 is hostile', () => {
  it.each([
    'a megabyte of empty lines',
    'sections without an end',
    'chains that double',
    'a hundred thousand members',
  ])('preflight comes to an end for %s', async (part) => {
    const { code, stdout } = await runWith(part, 'preflight')
    expect(code).toBe(0)
    expect(stdout).toContain('preflight: ')
  })

  it.each([
    ['endless rules', tooLong],
    ['one endless line', tooLong],
    [
      'thirty thousand accepts',
      /FAIL {2}no good position exists: node2\n.*30001 kinds of outsiders/,
    ],
    ['escapes for the terminal', /FAIL {2}no good position exists: node2\n/],
  ])('apply names it and changes no host for %s', async (part, said) => {
    const before = await firewalls(lab)
    const { code, stdout } = await runWith(part, 'apply')
    expect(code).toBe(said === tooLong ? 4 : 2)
    expect(stdout).toMatch(said)
    for (const raw of '\u001b\u202e\u2028\u0007') expect(stdout).not.toContain(raw)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('status does not take our rule in a comment for our rule', async () => {
    const { code, stdout } = await runWith('our rule in a comment', 'status')
    expect(code).not.toBe(0)
    expect(stdout).toMatch(/^node2 +: unprotected/m)
  })

  it('apply rolls back everywhere for an endless answer to it', async () => {
    const before = await firewalls(lab)
    const { code, stdout } = await runWith('an endless answer to apply', 'apply')
    expect(code).toBe(4)
    expect(stdout).toContain('node2')
    await expect.poll(() => firewalls(lab)).toEqual(before)
  })

  it('apply asks again in a new session after an endless answer to commit', async () => {
    const { code, stdout } = await runWith('an endless answer to commit', 'apply')
    expect(code).toBe(0)
    expect(stdout).toContain('apply: done, 3 of 3 hosts changed.')
  })
})
