import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findRoute } from '../../src/ssh-config/route.ts'
import { parseSshArguments } from '../../src/ssh-config/ssh-arguments.ts'
import { openSshConfig } from '../../src/ssh-config/ssh-config.ts'

const directory = mkdtempSync(join(tmpdir(), 'fw-run-route-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let written = 0
/** The bastions on the way to a host, as user@address:port, or the fault. */
async function wayTo(host: string, text: string, options = ''): Promise<string> {
  const file = join(directory, `config${written++}`)
  writeFileSync(file, text, { mode: 0o600 })
  const parsed = parseSshArguments(options)
  if ('fault' in parsed) throw new Error(parsed.fault)
  const question = { host, after: parsed.words }
  const route = await findRoute(openSshConfig({ file }), question, parsed.proxy)
  if ('fault' in route) return `${route.fault} ${route.remedy}`
  return [
    ...(route.byCommand ? ['command'] : []),
    ...route.stops.flatMap(({ answer, byCommand }) => [
      ...(byCommand ? ['command'] : []),
      `${answer?.user}@${answer?.hostName}:${answer?.port}`,
    ]),
  ].join(' ')
}

const gates = `Host gate
  HostName 198.51.100.7
  User jumper
  Port 2222
Host inner
  HostName 10.0.0.1
  User in
  ProxyJump gate
`

describe('findRoute', () => {
  it.each([
    ['no bastion', gates, '', ''],
    ['one', `${gates}Host node1\n  ProxyJump gate\n`, '', 'jumper@198.51.100.7:2222'],
    [
      'one with its own user and port',
      `${gates}Host node1\n  ProxyJump me@gate:22\n`,
      '',
      'me@198.51.100.7:22',
    ],
    [
      'a user with an @, as in a directory service',
      `${gates}Host node1\n  ProxyJump me@corp.example@gate:22,you@x@inner\n`,
      '',
      'me@corp.example@198.51.100.7:22 you@x@10.0.0.1:22',
    ],
    [
      'the same by a command',
      gates,
      '-o ProxyCommand="ssh -W %h:%p me@corp.example@gate"',
      'me@corp.example@198.51.100.7:2222',
    ],
    [
      'one behind another',
      `${gates}Host node1\n  ProxyJump inner\n`,
      '',
      'jumper@198.51.100.7:2222 in@10.0.0.1:22',
    ],
    [
      'two in a list, where the second has its own, which does not count',
      `${gates}Host node1\n  ProxyJump x@10.9.9.9,inner\n`,
      '',
      'x@10.9.9.9:22 in@10.0.0.1:22',
    ],
    [
      'three in a list',
      `Host *\n  User u\nHost node1\n  ProxyJump a,b,c\n`,
      '',
      'u@a:22 u@b:22 u@c:22',
    ],
    [
      'a ProxyCommand of ssh -W',
      `${gates}Host node1\n  ProxyCommand ssh -q -W %h:%p gate\n`,
      '',
      'jumper@198.51.100.7:2222',
    ],
    [
      'an option in place of the configuration',
      `${gates}Host node1\n  ProxyJump inner\n`,
      '-J gate',
      'jumper@198.51.100.7:2222',
    ],
    [
      'a ProxyCommand as an option',
      `${gates}Host node1\n  ProxyJump inner\n`,
      '-o ProxyCommand="ssh -W %h:%p -q -l other gate"',
      'other@198.51.100.7:2222',
    ],
    ['an option for no bastion', `${gates}Host node1\n  ProxyJump inner\n`, '-J none', ''],
    ['a token in the name', 'Host node1\n  User u\n  ProxyJump v@gate-%h\n', '', 'v@gate-node1:22'],
    ['a command', 'Host node1\n  ProxyCommand nc %h %p\n', '', 'command'],
    [
      'a command of a bastion',
      'Host node1\n  ProxyJump a\nHost a\n  User u\n  ProxyCommand nc %h %p\n',
      '',
      'command u@a:22',
    ],
    ['an IPv6 address', 'Host node1\n  ProxyJump v@[2001:db8::1]:2200\n', '', 'v@2001:db8::1:2200'],
  ])('finds the bastions, the first to dial first: %s', async (_, text, options, stops) => {
    expect(await wayTo('node1', text, options)).toBe(stops)
  })

  it.each([
    [
      'a circle',
      'Host node1\n  ProxyJump a\nHost a\n  ProxyJump b\nHost b\n  ProxyJump a\n',
      /The bastions form a circle: node1 through a through b through a.*Correct ProxyJump/,
    ],
    ['too many', 'Host node1\n  ProxyJump a,b,c,d,e,f,g,h,i\n', /There are more than 8 bastions: /],
  ])('refuses %s', async (_, text, fault) => {
    const said = await wayTo('node1', text)
    expect(said).toMatch(fault)
  })
})
