import { describe, expect, it } from 'vitest'
import {
  hopOfCommand,
  joinArguments,
  parseSshArguments,
  type SshArguments,
} from '../../src/ssh-config/ssh-arguments.ts'

function parsed(text: string): SshArguments {
  const result = parseSshArguments(text)
  if ('fault' in result) throw new Error(result.fault)
  return result
}

describe('parseSshArguments', () => {
  it.each([
    ['', []],
    ['-o ConnectTimeout=5 -oUser=ops', ['-o', 'ConnectTimeout=5', '-o', 'User=ops']],
    ['-o "IdentityFile ~/my keys/id"', ['-o', 'IdentityFile=~/my keys/id']],
    ["-o 'Port = 2222'", ['-o', 'Port=2222']],
    [
      '-J ops@bastion:2222 -i key -p2222 -l ops',
      ['-o', 'ProxyJump=ops@bastion:2222', '-i', 'key', '-p', '2222', '-l', 'ops'],
    ],
    // What Ansible itself gives by default.
    ['-C -o ControlMaster=auto -o ControlPersist=60s', []],
    ['-vvv -qT -o ForwardAgent=yes -o LogLevel=ERROR', []],
    [
      '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
      ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
    ],
    [
      '-o PubkeyAcceptedKeyTypes=+ssh-rsa -o HostKeyAlgorithms=+ssh-rsa',
      ['-o', 'PubkeyAcceptedKeyTypes=+ssh-rsa', '-o', 'HostKeyAlgorithms=+ssh-rsa'],
    ],
    ['-C4 -6qT -o AddressFamily=inet', ['-4', '-6', '-o', 'AddressFamily=inet']],
    ['-c aes128-ctr -mhmac-sha2-256', ['-c', 'aes128-ctr', '-m', 'hmac-sha2-256']],
    ['-b 10.0.0.1', ['-b', '10.0.0.1']],
    ['-S none -E /dev/null -e none -o SetEnv=LC_X=1 -o RekeyLimit=1G', []],
    [
      '-o ChallengeResponseAuthentication=no -o ExitOnForwardFailure=yes',
      ['-o', 'ChallengeResponseAuthentication=no'],
    ],
    ['-J a -o ProxyJump=b', ['-o', 'ProxyJump=a']],
    ['-o ProxyCommand=none', ['-o', 'ProxyJump=none']],
  ])('understands %j', (text, words) => {
    expect(parsed(text)).toMatchObject({ words, configFile: undefined, proxy: undefined })
  })

  it('takes the bastion out of a ProxyCommand, and lets no ProxyJump come on top', () => {
    const { words, proxy } = parsed('-o ProxyCommand="ssh -W %h:%p -q ops@bastion" -J other')
    expect(words).toEqual(['-o', 'ProxyJump=none'])
    expect(proxy?.question).toMatchObject({ host: 'bastion', before: ['-l', 'ops'] })
  })

  it.each([
    ['-o ProxyCommand="nc -x proxy %h %p" -J other', ['-o', 'ProxyCommand=nc -x proxy %h %p']],
    ['-o ProxyCommand="ssh -W %h:%p bastion; x"', ['-o', 'ProxyCommand=ssh -W %h:%p bastion; x']],
    ['-o CertificateFile=x', ['-o', 'CertificateFile=x']],
  ])('keeps for the program ssh what only that can do: %j', (text, words) => {
    expect(parsed(text)).toMatchObject({ words, proxy: undefined })
  })

  it('keeps the configuration file apart, the first one', () => {
    expect(parsed('-F ssh-bastion.conf -Fother')).toMatchObject({
      words: [],
      configFile: 'ssh-bastion.conf',
    })
  })

  it.each([
    ['-o LocalForward=8080', /has "-o LocalForward", which fw-run does not support/],
    ['-L 1:2:3', /has "-L"/],
    ['-D1080', /has "-D1080"/],
    ['-o LocalCommand=id', /has "-o LocalCommand"/],
    ['-4L 1:2:3', /has "-4L"/],
    ['-o', /has "-o" without a value/],
    ['bastion', /the word "bastion", which is not an option/],
    ['-o "User=ops', /a quote that is not closed/],
  ])('refuses by name %j', (text, fault) => {
    const result = parseSshArguments(text)
    expect(result).toEqual({ fault: expect.stringMatching(fault) })
  })
})

describe('hopOfCommand', () => {
  it.each([
    ['ssh -W %h:%p bastion', { host: 'bastion', before: [] }],
    ['ssh -q -W "[%h]:%p" ops@198.51.100.7', { host: '198.51.100.7', before: ['-l', 'ops'] }],
    ['exec /usr/bin/ssh -qW %h:%p bastion 2>/dev/null', { host: 'bastion', before: [] }],
    [
      'ssh -i ~/.ssh/gate -p 2222 bastion -W %h:%p',
      { host: 'bastion', before: ['-i', '~/.ssh/gate', '-p', '2222'] },
    ],
    [
      'ssh -F other.conf -W %h:%p -l late early@bastion',
      { host: 'bastion', before: ['-l', 'late', '-l', 'early'], configFile: 'other.conf' },
    ],
    ['ssh -W %h:%p ::1', { host: '::1', before: [] }],
    [
      'ssh -4 -c aes128-ctr -E log -6W %h:%p bastion',
      { host: 'bastion', before: ['-4', '-c', 'aes128-ctr', '-6'] },
    ],
  ])('understands %j', (command, question) => {
    expect(hopOfCommand(command)?.question).toMatchObject(question)
  })

  it.each([
    'nc %h %p',
    'ssh bastion nc %h %p',
    'ssh -W %h:22 bastion',
    'ssh -W %h:%p',
    'ssh -W %h:%p a b',
    'ssh -W %h:%p $BASTION',
    'ssh -W %h:%p %r@bastion',
    'ssh -W %h:%p `id`',
    'sshpass -p x ssh -W %h:%p bastion',
    'ssh -W %h:%p -o LocalCommand=id bastion',
    'ssh -W %h:%p -oProxyCommand=id bastion',
    'ssh -W %h:%p bastion | tee log',
  ])('does not guess what %j does', (command) => {
    expect(hopOfCommand(command)).toBeUndefined()
  })
})

describe('joinArguments', () => {
  it('is undefined for none', () => {
    expect(joinArguments(undefined, undefined)).toBeUndefined()
  })

  it('puts words one after the other; the first way to go counts', () => {
    const jump = parsed('-J a')
    const command = parsed('-o ProxyCommand="ssh -W %h:%p b" -F f')
    expect(joinArguments(jump, command)).toEqual({
      words: ['-o', 'ProxyJump=a', '-o', 'ProxyJump=none'],
      configFile: 'f',
      proxy: undefined,
      hasProxy: true,
    })
    expect(joinArguments(command, jump)?.proxy?.question.host).toBe('b')
  })
})
