import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { executable, firewalls, fwRun, guards, type Run } from './fw-run.ts'

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
  const start = `cat >/tmp/sshd.cjs
    setsid '${process.execPath}' /tmp/sshd.cjs >/run/hostile 2>&1 </dev/null &
    until [ -s /run/hostile ]; do sleep 0.1; done; cat /run/hostile; grep -q listening /run/hostile`
  const { code, stdout } = await node2.run(start, { stdin: await bundled(program) })
  if (code !== 0) throw new Error(stdout)
})
afterAll(() => lab.stop())

/** A program as one file: a host does not see the folder of the project where that is below /tmp. */
async function bundled(program: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [program],
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Both are optional, and native.
    external: ['cpu-features', '*.node'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

const play = (part: string) => lab.host('node2').run(`printf '%s' '${part}' >/run/hostile.part`)

async function runWith(part: string, ...words: string[]): Promise<Run> {
  await play(part)
  // What is hostile here comes after the login, which may be slow on a busy machine.
  const env = { NODE_OPTIONS: weighing, FW_RUN_TIMEOUT: '60' }
  const run = await fwRun(lab, words, { env })
  expect(Number((await lab.jump.run('cat weight')).stdout)).toBeLessThan(300_000)
  return run
}

/** How a run ended that was interrupted, and what it said. */
interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly said: string
}

/** What a run tells of itself, before which it is interrupted. */
const moments = {
  'the beginning': /"kind":"run-started"/,
  'the first facts': /"kind":"host-done","phase":"connect","host":"node[13]"/,
  'the checks': /"kind":"phase-started","phase":"preflight"/,
  'the first change': /"kind":"host-done","phase":"apply","host":"node[13]"/,
  'the decision': /"kind":"decided"/,
} as const

/** Presses Ctrl-C at a moment of a run and, for two presses, again once the run has told of the first. */
async function interrupt(
  part: string,
  command: string,
  moment: keyof typeof moments,
  presses: 1 | 2,
): Promise<Ended> {
  await play(part)
  const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
  const line = ['node', executable, command, '--output', 'ndjson', '--lease', '20', '-i', inventory]
  const runner = lab.jump.spawn(line, { env: { FW_RUN_TIMEOUT: '60' } })
  const ended = once(runner, 'close')
  const waitingFor = [moments[moment], /"kind":"interrupted"/].slice(0, presses)
  let said = ''
  runner.stderr?.on('data', (text) => (said += text))
  runner.stdout?.on('data', (text) => {
    said += text
    while (waitingFor[0]?.test(said)) {
      waitingFor.shift()
      runner.kill('SIGINT')
    }
  })
  const [code, signal] = await ended
  expect(waitingFor).toEqual([])
  return { code, signal, said }
}

const tooLong =
  /FAIL {2}facts cannot be read: node2\n.*(the answer of the host is longer than 64|`network` of the answer of the host is longer than 1) million characters/

describe('where node2 is hostile', () => {
  it.each([
    'half a megabyte of empty lines',
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
    ['ten megabytes of routes', tooLong],
    [
      'thirty thousand accepts',
      /FAIL {2}the rule of fw-run has no good position: node2\n.*30001 kinds of outsiders/,
    ],
    ['escapes for the terminal', /FAIL {2}the rule of fw-run has no good position: node2\n/],
  ])('apply names it and changes no host for %s', async (part, said) => {
    const before = await firewalls(lab)
    const { code, stdout } = await runWith(part, 'apply')
    expect(code).toBe(said === tooLong ? 4 : 2)
    expect(stdout).toMatch(said)
    for (const raw of '\u001b\u202e\u2028\u0007') expect(stdout).not.toContain(raw)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('status does not take the rule of fw-run in a comment for the rule of fw-run', async () => {
    const { code, stdout } = await runWith('the rule of fw-run in a comment', 'status')
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

  it.each([
    ['endless rules', 'the beginning'],
    ['endless rules', 'the first facts'],
    ['one endless line', 'the first facts'],
    ['sections without an end', 'the checks'],
    ['chains that double', 'the checks'],
    ['thirty thousand accepts', 'the checks'],
    ['an endless answer to apply', 'the first change'],
    ['silence instead of an answer to apply', 'the first change'],
  ] as const)(
    'Ctrl-C ends apply with 130, and all hosts are as before: %s, at %s',
    async (part, moment) => {
      const before = await firewalls(lab)
      const { code, said } = await interrupt(part, 'apply', moment, 1)
      expect([code, said]).toEqual([130, expect.stringContaining('Interrupted: fw-run stops')])
      expect(await firewalls(lab)).toEqual(before)
    },
  )

  it.each([
    ['endless rules', 'the first facts'],
    ['chains that double', 'the checks'],
    ['silence instead of an answer to apply', 'the first change'],
  ] as const)(
    'a second Ctrl-C quits, and all hosts roll back by themselves: %s, at %s',
    async (part, moment) => {
      const before = await firewalls(lab)
      const { signal, said } = await interrupt(part, 'apply', moment, 2)
      expect([signal, said]).toEqual(['SIGINT', expect.stringContaining('fw-run quits now.')])
      await expect.poll(() => firewalls(lab)).toEqual(before)
    },
  )

  it('Ctrl-C ends apply with 8 where node2 never tells that it has rolled back', async () => {
    const before = await firewalls(lab)
    const { code, said } = await interrupt('silence from apply on', 'apply', 'the first change', 1)
    expect(code).toBe(8)
    expect(said).toMatch(/"host":"node2","address":"[\d.]+","state":"incomplete"/)
    await expect.poll(() => firewalls(lab)).toEqual(before)
    expect((await runWith('half a megabyte of empty lines', 'recover')).code).toBe(0)
  })

  it('apply asks again in a new session after an endless answer to commit', async () => {
    const { code, stdout } = await runWith('an endless answer to commit', 'apply')
    expect(code).toBe(0)
    expect(stdout).toContain('apply: done, 3 of 3 hosts changed.')
  })

  it('Ctrl-C once it is decided comes too late: all hosts keep the change', async () => {
    const { code, said } = await interrupt(
      'an endless answer to commit',
      'remove',
      'the decision',
      1,
    )
    expect([code, said]).toEqual([0, expect.stringContaining('Too late to roll back')])
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([])
  })

  it('a second Ctrl-C quits while a commit is not answered, and recover finishes the change', async () => {
    const part = 'silence instead of an answer to commit'
    const { signal } = await interrupt(part, 'apply', 'the decision', 2)
    expect(signal).toBe('SIGINT')
    expect((await runWith('half a megabyte of empty lines', 'recover')).code).toBe(0)
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toHaveLength(1)
  })
})
