import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { askSsh } from '../../src/ssh-config/asking/ask-ssh.ts'
import { answerOf, parsePrinted } from '../../src/ssh-config/asking/printed-settings.ts'
import { openSshConfig } from '../../src/ssh-config/ssh-config.ts'
import { startTimeLimit, type TimeLimit } from '../../src/waiting/time-limit.ts'
import { configurations, included, names } from './configurations.ts'
import { countSsh } from './counted-ssh.ts'
import { randomConfiguration } from './random-configuration.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-config-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let counted: ReturnType<typeof countSsh> | undefined
afterEach(() => {
  counted?.restore()
  counted = undefined
})

let written = 0
function write(text: string): string {
  const file = join(directory, `config${written++}`)
  writeFileSync(`${file}.included`, included, { mode: 0o600 })
  writeFileSync(file, text.replaceAll('FILE', `${file}.included`), { mode: 0o600 })
  return file
}

/** The answers for names that are asked together, and for each that is asked alone. */
async function bothWays(file: string) {
  const questions = names.map((host) => ({ host }))
  const together = await openSshConfig({ file }).answers(questions)
  const alone = await Promise.all(
    questions.map(async (one) => (await openSshConfig({ file }).answers([one]))[0]),
  )
  return { together, alone }
}

describe('openSshConfig', () => {
  it('takes the name that was asked for as %k in files, as ssh does, but for an alias', async () => {
    const lines = 'Host node1\n  HostName 10.0.0.1\n  IdentityFile /k/%k\n'
    const filesOf = async (text: string) =>
      (await openSshConfig({ file: write(text) }).answers([{ host: 'node1' }]))[0]?.identityFiles
    expect(await filesOf(lines)).toEqual(['/k/node1'])
    expect(await filesOf(`${lines}  HostKeyAlias other\n`)).toEqual(['/k/other'])
  })

  it('expands the path of an agent that an old ssh prints as it is written', () => {
    const agentOf = (path: string) => {
      const printed = parsePrinted(`identityagent ${path}\n`)
      return answerOf(printed, new Map(), 'n1', (value) => value.replace('~', '/home/me'))
        .identityAgent
    }
    expect(agentOf('~/a.sock')).toBe('/home/me/a.sock')
    expect(['none', 'SSH_AUTH_SOCK', '$MINE'].map(agentOf)).toEqual([
      ...['none', 'SSH_AUTH_SOCK', '$MINE'],
    ])
  })

  it.each(Object.entries(configurations))(
    'answers for hosts of a group what ssh answers for each: %s',
    async (_, text) => {
      const { together, alone } = await bothWays(write(text))
      expect(together).toEqual(alone)
      expect(together.every((answer) => answer !== undefined)).toBe(true)
    },
  )

  it('does so for configurations that nobody wrote', async () => {
    const rounds = process.env.TEST_LONG ? 200 : 12
    for (let round = 0; round < rounds; round++) {
      const text = randomConfiguration()
      const { together, alone } = await bothWays(write(text))
      expect(together, text).toEqual(alone)
    }
  })

  it.each([
    ['a pattern and a jump', 'Host node*\n  User ops\n  ProxyJump bastion\n', 1],
    ['HostName by a token', 'Host *\n  HostName %h.example.com\n', 1],
    [
      'a block for each host',
      Array.from({ length: 1000 }, (_, n) => `Host node${n}\n  HostName 10.0.0.${n}\n`).join(''),
      1,
    ],
    ['two groups', 'Host node1*\n  Port 2222\nHost *\n  IdentityFile ~/.ssh/%n\n', 2],
  ])('asks ssh once for each different answer for 1,000 hosts: %s', async (_, text, times) => {
    const file = write(text)
    counted = countSsh()
    const hosts = Array.from({ length: 1000 }, (_, n) => ({ host: `node${n}` }))
    const answers = await openSshConfig({ file }).answers(hosts)
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBeGreaterThanOrEqual(
      times,
    )
    // One more for what ssh does without a configuration.
    expect(counted.calls()).toHaveLength(times + 1)
  })

  it('asks again only for what it has not heard yet', async () => {
    const file = write('Host node*\n  User ops\n')
    counted = countSsh()
    const config = openSshConfig({ file })
    await config.answers([{ host: 'node1' }])
    const [again, other] = await config.answers([{ host: 'node1' }, { host: 'node2', user: 'me' }])
    expect([again?.user, other?.user]).toEqual(['ops', 'me'])
    expect(counted.calls()).toHaveLength(3)
  })

  it('lets what stands before win over the user and the port, and what stands after not', async () => {
    const file = write('Host *\n  User config\n')
    const config = openSshConfig({ file })
    const [answer] = await config.answers([
      { host: 'node1', user: 'ops', before: ['-p', '2222'], port: 22, after: ['-l', 'late'] },
    ])
    expect(answer).toMatchObject({ user: 'ops', port: 2222 })
  })

  it('says nothing without a configuration, and asks nobody', async () => {
    counted = countSsh()
    expect(await openSshConfig('none').answers([{ host: 'node1', user: 'ops' }])).toEqual([
      undefined,
    ])
    expect(counted.calls()).toEqual([])
  })

  it('goes by options of the command line even without a configuration', async () => {
    const question = { host: 'node1', after: ['-o', 'StrictHostKeyChecking=accept-new'] }
    expect(await openSshConfig('none').answers([question])).toMatchObject([
      { hostName: 'node1', strictHostKeyChecking: 'accept-new' },
    ])
  })

  it('knows by which family of addresses ssh would dial', async () => {
    const file = write('Host six\n  AddressFamily inet6\n')
    const four = { host: 'node1', after: ['-4'] }
    const questions = [{ host: 'six' }, four, { host: 'node2' }]
    const answers = await openSshConfig({ file }).answers(questions)
    expect(answers.map((answer) => answer?.addressFamily)).toEqual(['inet6', 'inet', 'any'])
  })

  it.each(['-oProxyCommand=id', 'ops@node1', 'ssh://node1', 'a b', ''])(
    'never hands ssh what is no plain name: %j',
    async (host) => {
      const file = write('Host *\n  User ops\n')
      counted = countSsh()
      expect(await openSshConfig({ file }).answers([{ host }])).toEqual([undefined])
      expect(counted.calls()).toEqual([])
    },
  )

  it('expands tokens and the home directory', async () => {
    const file = write(
      'Host node1\n  HostName n1.lan\n  User ops\n  IdentityFile ~/.ssh/%n-%h-%r-%p-%%\n',
    )
    const [answer] = await openSshConfig({ file }).answers([{ host: 'node1' }])
    expect(answer?.identityFiles).toEqual([
      expect.stringMatching(/^\/.*\/\.ssh\/node1-n1\.lan-ops-22-%$/),
    ])
  })

  it.each([
    ['a word that ssh does not know', 'Host *\n  Usr ops\n', /Bad configuration option: usr/],
    ['a file that includes itself', 'Include FILE.itself\n', /Too many recursive/],
  ])('repeats why ssh refuses a configuration: %s', async (_, text, reason) => {
    const file = write(text)
    writeFileSync(`${file}.included.itself`, `Include ${file}.included.itself\n`, { mode: 0o600 })
    const asked = openSshConfig({ file }).answers([{ host: 'node1' }])
    await expect(asked).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringMatching(reason),
      remedy: expect.stringContaining(`ssh -F ${file} -G node1`),
    })
  })

  it('refuses a file that is not there', async () => {
    const file = join(directory, 'missing')
    await expect(openSshConfig({ file }).answers([{ host: 'node1' }])).rejects.toThrow(
      /Can't open user config file .*missing/,
    )
  })

  it('gives up where ssh is not done with all hosts in time, and on Ctrl-C', async () => {
    const told = async (limit: TimeLimit) =>
      await askSsh('node1', ['-F', write('Match exec "sleep 20"\n  User ops\n')], limit)
    await expect(told(startTimeLimit(0.5, undefined))).rejects.toMatchObject({
      code: 'credentials',
      message: 'ssh did not answer for all hosts within 0.5 s.',
    })
    await expect(told(startTimeLimit(60, AbortSignal.abort()))).rejects.toMatchObject({
      code: 'interrupted',
    })
  })

  it('says that there is no ssh, where a configuration is named or options are given', async () => {
    const file = write('Host *\n  User ops\n')
    const path = process.env.PATH
    process.env.PATH = directory
    try {
      await expect(openSshConfig({ file }).answers([{ host: 'node1' }])).rejects.toThrow(
        /no ssh on this machine/,
      )
      const told = openSshConfig('none').answers([{ host: 'node1', after: ['-l', 'ops'] }])
      await expect(told).rejects.toThrow(/SSH options of the inventory/)
    } finally {
      process.env.PATH = path
    }
  })
})
