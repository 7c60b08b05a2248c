import { describe, expect, it, vi } from 'vitest'
import { type Invocation, parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

function parse(...args: string[]): Invocation {
  const parsed = parseArguments(args)
  if (parsed.kind === 'ended') throw new Error(`ended with ${parsed.exitCode}: ${printedSoFar()}`)
  return parsed.invocation
}

function exitCodeOf(...args: string[]): number | undefined {
  const parsed = parseArguments(args)
  return parsed.kind === 'ended' ? parsed.exitCode : undefined
}

describe('parseArguments', () => {
  it('has a default for everything but the inventory', () => {
    expect(parse('apply', '-i', 'hosts.yaml')).toEqual({
      command: expect.objectContaining({ name: 'apply' }),
      output: 'text',
      color: true,
      withFlags: expect.any(Function),
      settings: {
        inventory: ['hosts.yaml'],
        limit: undefined,
        extraVars: [],
        forks: 64,
        user: undefined,
        askPass: false,
        askBecomePass: false,
        privateKey: undefined,
        timeout: 10,
        isTimeoutGiven: false,
        sshConfig: 'usual',
        acceptNewHostKeys: false,
        transport: undefined,
        interface: undefined,
        yes: false,
        ask: false,
        confirm: undefined,
        lease: 30,
        exports: [],
        check: false,
        diff: false,
        verbose: false,
        quiet: false,
      },
    })
  })

  it.each([
    ['-i h.yaml apply -C', { inventory: ['h.yaml'], check: true }],
    [
      '-Di a --inventory=b -f3 apply -l x',
      { inventory: ['a', 'b'], diff: true, forks: 3, limit: 'x' },
    ],
    ['--confirm -ih.yaml apply', { inventory: ['h.yaml'], confirm: 60 }],
    ['--confirm 45 -i h.yaml apply', { confirm: 45 }],
    ['-i h.yaml --confirm apply', { confirm: 60 }],
    ['-i apply apply', { inventory: ['apply'] }],
    ['apply -i h.yaml --dry-run', { check: true }],
  ])('takes options before the command, and other names: %s', (words, settings) => {
    const { command, ...parsed } = parse(...words.split(' '))
    expect(command.name).toBe('apply')
    expect(parsed.settings).toMatchObject(settings)
  })

  it('only lists the hosts with --list-hosts, whatever the command', () => {
    expect(parse('remove', '-i', 'h.yaml', '--list-hosts').command).toMatchObject({
      name: 'inventory',
      connects: false,
      changesHosts: false,
    })
  })

  it.each([
    [['--no-ssh-config'], {}, 'none'],
    [['--ssh-config', 'c'], {}, { file: 'c' }],
    [[], { FW_RUN_SSH_CONFIG: 'c' }, { file: 'c' }],
    [[], { FW_RUN_NO_SSH_CONFIG: '1' }, 'none'],
    [[], { FW_RUN_NO_SSH_CONFIG: '0' }, 'usual'],
    [['-F', 'c'], { FW_RUN_NO_SSH_CONFIG: '1' }, { file: 'c' }],
    [['--no-ssh-config'], { FW_RUN_SSH_CONFIG: 'c' }, 'none'],
  ])('reads which SSH configuration to go by: %j with %j', (flags, environment, sshConfig) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    const parsed = parse('status', '-i', 'h.yaml', ...flags)
    expect(parsed).toMatchObject({ settings: { sshConfig } })
  })

  it('reads every flag, short', () => {
    const args =
      'remove -i h.yaml -l node1:&k8s -f 5 -u ops -k -K -T 2.5 -y -C -D -v --ask --confirm --lease 45 --private-key k -F c --accept-new-host-keys --transport openssh --interface ens18 --output json --no-color'
    expect(parse(...args.split(' '))).toEqual({
      command: expect.objectContaining({ name: 'remove' }),
      output: 'json',
      color: false,
      withFlags: expect.any(Function),
      settings: {
        inventory: ['h.yaml'],
        limit: 'node1:&k8s',
        extraVars: [],
        forks: 5,
        user: 'ops',
        askPass: true,
        askBecomePass: true,
        privateKey: 'k',
        timeout: 2.5,
        isTimeoutGiven: true,
        sshConfig: { file: 'c' },
        acceptNewHostKeys: true,
        transport: 'openssh',
        interface: 'ens18',
        yes: true,
        ask: true,
        confirm: 60,
        exports: [],
        lease: 45,
        check: true,
        diff: true,
        verbose: true,
        quiet: false,
      },
    })
  })

  it('reads -e again and again, in order', () => {
    const { extraVars } = parse('apply', '-i', 'h', '-e', 'a=1', '--extra-vars', 'b=2 c=3').settings
    expect(extraVars).toEqual(['a=1', 'b=2 c=3'])
  })

  it('reads the environment where a flag is not given', () => {
    const environment = {
      INVENTORY: 'env.yaml',
      FORKS: '7',
      ASK_PASS: '1',
      PRIVATE_KEY: 'env-key',
      EXTRA_VARS: 'a=1',
      OUTPUT: 'ndjson',
      NO_COLOR: '1',
      CHECK: 'yes',
      TIMEOUT: '3',
      INTERFACE: 'ens19',
      CONFIRM: '90',
      LEASE: '120',
    }
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(`FW_RUN_${name}`, value)
    expect(parse('apply', '-f', '9')).toMatchObject({
      output: 'ndjson',
      color: false,
      settings: {
        inventory: ['env.yaml'],
        forks: 9,
        askPass: true,
        privateKey: 'env-key',
        extraVars: ['a=1'],
        check: true,
        timeout: 3,
        interface: 'ens19',
        confirm: 90,
        lease: 120,
      },
    })
  })

  it.each(['0', 'no', 'false', 'off', 'FALSE', ''])(
    'takes a switch that is %j in the environment for off',
    (value) => {
      vi.stubEnv('FW_RUN_CHECK', value)
      vi.stubEnv('FW_RUN_YES', value)
      vi.stubEnv('FW_RUN_NO_COLOR', value)
      expect(parse('apply', '-i', 'h')).toMatchObject({
        color: true,
        settings: { check: false, yes: false },
      })
    },
  )

  it('takes an empty variable for one that is not set', () => {
    for (const name of ['FORKS', 'LIMIT', 'USER', 'OUTPUT', 'EXTRA_VARS'])
      vi.stubEnv(`FW_RUN_${name}`, '')
    expect(parse('apply', '-i', 'h')).toMatchObject({
      output: 'text',
      settings: { forks: 64, limit: undefined, user: undefined, extraVars: [] },
    })
  })

  it.each([
    ['no command', []],
    ['an unknown command', ['frobnicate', '-i', 'h']],
    ['no inventory', ['apply']],
    ['an unknown flag', ['apply', '-i', 'h', '--force']],
    ['a flag without its value', ['apply', '-i']],
    ['no forks', ['apply', '-i', 'h', '-f', '0']],
    ['half a fork', ['apply', '-i', 'h', '-f', '1.5']],
    ['forks in words', ['apply', '-i', 'h', '-f', 'many']],
    ['no time', ['apply', '-i', 'h', '-T', '0']],
    ['no time to confirm', ['apply', '-i', 'h', '--confirm', '0']],
    ['too long a time to confirm', ['remove', '-i', 'h', '--confirm', '3601']],
    ...['-1', '', 'some', '1.5', '101%', '%', '1%%'].map((most): [string, string[]] => [
      `${most} unreachable hosts`,
      ['apply', '-i', 'h', '--tolerate-unreachable', most],
    ]),
    [
      'unreachable hosts of an edit',
      ['hosts', 'add', 'x', '-i', 'h', '--tolerate-unreachable', '1'],
    ],
    ...['0', '0%', '-1', '', 'some', '1,,2', '1,', ',', '1.5', '101%', '1,0', '1;2'].map(
      (list): [string, string[]] => [`waves of ${list}`, ['apply', '-i', 'h', '--serial', list]],
    ),
    ['a pause without waves', ['apply', '-i', 'h', '--pause', '5']],
    ['the same of remove', ['remove', '-i', 'h', '--pause', '5']],
    ['the same of an edit', ['hosts', 'add', 'x', '-i', 'h', '--pause', '5']],
    ['the same of the other edit', ['hosts', 'remove', 'x', '-i', 'h', '--pause', '5']],
    ['no pause', ['apply', '-i', 'h', '--serial', '1', '--pause', '0']],
    [
      'two patterns of what goes first',
      ['apply', '-i', 'h', '--serial-first', 'a', '--serial-first', 'b'],
    ],
    ['waves of what changes nothing', ['status', '-i', 'h', '--serial', '1']],
    ['a lease too short', ['apply', '-i', 'h', '--lease', '4']],
    ['half a second of lease', ['apply', '-i', 'h', '--lease', '5.5']],
    ['a lease of what changes nothing', ['status', '-i', 'h', '--lease', '30']],
    ['an unknown format', ['apply', '-i', 'h', '--output', 'xml']],
    ['quiet and verbose at once', ['apply', '-i', 'h', '-q', '-v']],
    ['a question of what changes nothing', ['status', '-i', 'h', '--ask']],
    ['a word too many', ['apply', '-i', 'h', 'node1']],
    ['a check of what changes nothing', ['status', '-i', 'h', '--check']],
    ['a watch of an inventory that can be read once', ['status', '-i', '-', '--watch']],
    ['a user where nobody logs in', ['inventory', '-i', 'h', '-u', 'ops']],
  ])('is bad usage: %s', (_, args) => {
    expect(exitCodeOf(...args)).toBe(5)
    expect(printedSoFar()).toMatch(/error|Usage/)
  })

  it('does not promise what a command does not do', () => {
    exitCodeOf('remove', '--help')
    const said = printedSoFar().replace(/\s+/g, ' ')
    expect(said).toMatch(/--diff show changes as rules/)
    expect(said).toMatch(/--interface <name> has no effect/)
    expect(said).toMatch(/--yes has no effect/)
  })

  it.each([
    ['--version', '-v'],
    ['-v', '--version'],
    ['-V', '--verbose'],
    ['version', '-v'],
  ])('shows what it was built from: %s %s', (...args) => {
    const { command, settings } = parse(...args)
    expect([command.name, settings.verbose]).toEqual(['version', true])
  })

  it.each([[['--help']], [['apply', '--help']], [['help', 'hosts', 'add']], [['--version']]])(
    'is helped, which is no error: %j',
    (args) => {
      expect(exitCodeOf(...args)).toBe(0)
      expect(printedSoFar()).not.toBe('')
    },
  )
})
