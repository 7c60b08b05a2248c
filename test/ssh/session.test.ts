import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import type { HostAccess } from '../../src/ssh/host-access.ts'
import { type KnownHosts, parseKnownHosts } from '../../src/ssh/known-hosts.ts'
import { bySudo } from '../../src/ssh/root-way.ts'
import { openSession, type Session, type SessionOptions } from '../../src/ssh/session.ts'
import type { SessionFault } from '../../src/ssh/session-fault.ts'
import { accessAt, accessTo, knowing, pinned, silentKeyring } from './host-access.ts'
import {
  freePort,
  generateKey,
  publicKey,
  type Sshd,
  type SshdSettings,
  startSshd,
} from './sshd.ts'

const options = { timeoutSeconds: 60 }

const started: Sshd[] = []
let sshd: Sshd
beforeAll(async () => {
  sshd = await start({ hostKeyTypes: ['ed25519', 'rsa'] })
})
afterAll(() => {
  for (const each of started) each.stop()
})

async function start(settings: SshdSettings): Promise<Sshd> {
  const each = await startSshd(settings)
  started.push(each)
  return each
}

type Arguments = [HostAccess, KnownHosts, SessionOptions]

async function opened(...[access, known, more]: Arguments): Promise<Session> {
  const result = await openSession(knowing(access, known), more)
  if (result.kind === 'failed') throw new Error(`${result.fault.reason} ${result.fault.remedy}`)
  return result.session
}

async function failed(...[access, known, more]: Arguments): Promise<SessionFault> {
  const result = await openSession(knowing(access, known), more)
  if (result.kind === 'failed') return result.fault
  result.session.close()
  throw new Error('the session opened')
}

async function firstLine(session: Session): Promise<string> {
  for await (const line of session.shell.stdout) return String(line).trim()
  return ''
}

async function run(session: Session, program: string): Promise<string> {
  session.shell.write(program)
  session.shell.end()
  const output = await text(session.shell.stdout)
  return output
}

describe('openSession', () => {
  it('gives a root shell whose stdout begins with its own first byte', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    expect(await run(session, 'id -u; printf "ä€"; echo oops >&2; exit 3\n')).toBe('0\nä€')
    expect(await session.shell.ended).toEqual({ kind: 'exited', code: 3 })
    expect(session.shell.stderrTail()).toBe('oops')
    session.close()
    session.close()
  })

  it('asks a host for no proof of the host keys that it announces', async () => {
    const chatty = await start({ hostKeyTypes: ['ed25519', 'rsa'], config: ['LogLevel DEBUG1'] })
    const session = await opened(await accessTo(chatty), pinned(chatty, 'ed25519'), options)
    await run(session, 'exit\n')
    session.close()
    await expect.poll(chatty.log).toMatch(/connection closed|disconnect/i)
    expect(chatty.log()).toContain('Starting session: command')
    expect(chatty.log()).not.toContain('hostkeys-prove')
  })

  it('becomes root by sudo and never shows the password to a sudo that does not ask', async () => {
    const access = await accessTo(sshd, {
      become: bySudo,
      becomePassword: new Secret('unasked'),
    })
    const session = await opened(access, pinned(sshd, 'ed25519'), options)
    expect(await run(session, 'id -u\n')).toBe('0\n')
    expect(session.shell.stderrTail()).not.toContain('unasked')
    session.close()
  })

  it('keeps the last of what the shell says on stderr, not the first', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    await run(session, 'printf "%0999d\\n" 0 >&2; echo the end >&2\n')
    expect(session.shell.stderrTail()).toMatch(/^0+ the end$/)
    session.close()
  })

  it('tells a signal from an exit code', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    session.shell.write('kill -9 $$\n')
    session.shell.stdout.resume()
    expect(await session.shell.ended).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
    session.close()
  })

  it('carries more than a window of output to a slow reader', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    session.shell.write('head -c 6000000 /dev/zero | tr "\\0" x; exit\n')
    let size = 0
    for await (const chunk of session.shell.stdout) size += chunk.length
    expect(size).toBe(6_000_000)
    expect(await session.shell.ended).toEqual({ kind: 'exited', code: 0 })
    session.close()
  })

  it('ends when the reader leaves early', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    session.shell.write('head -c 6000000 /dev/zero | tr "\\0" x; exit 4\n')
    for await (const _ of session.shell.stdout) break
    expect(await session.shell.ended).toEqual({ kind: 'exited', code: 4 })
    session.close()
  })

  it('is lost when sshd is killed, even with output unread', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    session.shell.write('head -c 1000000 /dev/zero | tr "\\0" x; kill -9 $PPID\n')
    expect(await session.shell.ended).toMatchObject({ kind: 'lost' })
    session.shell.write('echo nobody hears this\n')
    session.close()
  })

  it('is lost when it is closed from here', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), options)
    session.close()
    expect(await session.shell.ended).toEqual({ kind: 'lost', reason: 'fw-run closed it' })
  })

  it('is lost when the host falls silent', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'ed25519'), {
      timeoutSeconds: 60,
      keepaliveSeconds: 1,
    })
    session.shell.write('echo $PPID\n')
    const pid = await firstLine(session)
    // The session's own sshd processes: the one that forked the shell, and its parent.
    const parent = execFileSync('ps', ['-o', 'ppid=', '-p', pid], { encoding: 'utf8' }).trim()
    const both = [pid, ...(parent === String(sshd.pid()) ? [] : [parent])]
    execFileSync('kill', ['-STOP', ...both])
    const end = await session.shell.ended
    execFileSync('kill', ['-KILL', ...both])
    expect(end).toEqual({ kind: 'lost', reason: 'the host no longer answers' })
  })

  it('drops what startup files print', async () => {
    const noise = join(sshd.directory, 'noise.sh')
    writeFileSync(
      noise,
      'set -x; head -c 100000 /dev/zero | tr "\\0" n; echo Welcome; echo oops >&2\n',
    )
    const noisy = await start({ config: [`SetEnv BASH_ENV=${noise}`] })
    const session = await opened(await accessTo(noisy), pinned(noisy, 'ed25519'), options)
    expect(await run(session, 'echo ours\n')).toBe('ours\n')
    expect(session.shell.stderrTail()).toBe('')
    session.close()
  })

  it('asks for the pinned key type first', async () => {
    const session = await opened(await accessTo(sshd), pinned(sshd, 'rsa'), options)
    session.close()
  })

  it('refuses an unknown host before login, with the line that would pin it', async () => {
    const fault = await failed(accessAt(sshd.port), [], options)
    const print = execFileSync('ssh-keygen', ['-lf', `${sshd.directory}/host_ed25519.pub`], {
      encoding: 'utf8',
    })
    const line = `[127.0.0.1]:${sshd.port} ${sshd.hostKey('ed25519')}`
    expect(fault.stage).toBe('host-key')
    expect(fault.reason).toContain(print.split(' ')[1])
    expect(fault.remedy).toContain(`printf '\\n%s\\n' '${line}' >> ~/.ssh/known_hosts`)
    expect(fault.remedy).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
  })

  it('refuses a changed host key and names the line it differs from', async () => {
    const other = publicKey(generateKey(join(sshd.directory, 'other'), 'ed25519'))
    const known = parseKnownHosts(
      `# mine\n[127.0.0.1]:${sshd.port} ${other}\n`,
      '/home/me/known_hosts',
    )
    const fault = await failed(await accessTo(sshd), known, options)
    expect(fault.stage).toBe('host-key')
    expect(fault.reason).toContain('differs from /home/me/known_hosts:2')
    expect(fault.remedy).toContain(
      `ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f '/home/me/known_hosts'`,
    )
  })

  it('refuses a revoked host key that is also pinned', async () => {
    const known = parseKnownHosts(`@revoked * ${sshd.hostKey('ed25519')}`, 'revoked_hosts')
    const both = [...pinned(sshd, 'ed25519'), ...known]
    const fault = await failed(await accessTo(sshd), both, options)
    expect(fault.stage).toBe('host-key')
    expect(fault.reason).toContain('revoked_hosts:1 revokes')
  })

  it('names the user, the keys tried and the methods when the login is refused', async () => {
    const key = generateKey(join(sshd.directory, 'stranger'), 'ed25519')
    const identities = await silentKeyring().identities([key], false)
    const access = accessAt(sshd.port, { identities })
    const fault = await failed(access, pinned(sshd, 'ed25519'), options)
    expect(fault.stage).toBe('login')
    expect(fault.reason).toMatch(/login as root.*stranger \(SHA256:.*accepts: publickey, password/)
    expect(fault.remedy).toContain('-k')
  })

  it('says that there was nothing to log in with', async () => {
    const fault = await failed(accessAt(sshd.port), pinned(sshd, 'ed25519'), options)
    expect(fault.reason).toContain('There was no key and no password to try')
    expect(fault.reason).toContain('It accepts: publickey, password')
  })

  it('recognises too many keys', async () => {
    const keys = [1, 2, 3, 4, 5, 6, 7].map((n) =>
      generateKey(join(sshd.directory, `many${n}`), 'ed25519'),
    )
    const identities = await silentKeyring().identities(keys, false)
    const access = accessAt(sshd.port, { identities })
    const fault = await failed(access, pinned(sshd, 'ed25519'), options)
    expect(fault.reason).toContain('after too many keys')
  })

  it.each([
    ['This account is currently not available.', 'nologin'],
    ['sudo: sorry, you must have a tty to run sudo', 'requiretty'],
    ['Something else', 'Something else'],
  ])('says why there is no root shell: %s', async (words, expected) => {
    const forced = await start({ config: [`ForceCommand echo '${words}'; exit 1`] })
    const fault = await failed(await accessTo(forced), pinned(forced, 'ed25519'), options)
    expect(fault.stage).toBe('become')
    expect(fault.reason).toContain(expected)
  })

  it.each([
    ['post-quantum key exchange', 'KexAlgorithms sntrup761x25519-sha512@openssh.com', []],
    ['a cipher that fw-run lacks', 'Ciphers aes256-cbc', []],
    ['a MAC that fw-run lacks', 'MACs umac-64@openssh.com', ['Ciphers aes256-ctr']],
  ])('names the fix for a host that allows only %s, and the fix helps', async (_, only, more) => {
    const strict = await start({ config: [only, ...more] })
    const { remedy } = await failed(await accessTo(strict), pinned(strict, 'ed25519'), options)
    const [, name = '', word = ''] = /\badd (\S+) to (\w+) in its sshd_config/i.exec(remedy) ?? []
    expect(only).toMatch(new RegExp(`^${word} `))
    const mended = await start({ config: [`${only},${name}`, ...more] })
    const session = await opened(await accessTo(mended), pinned(mended, 'ed25519'), options)
    expect(await run(session, 'id -u\n')).toBe('0\n')
    session.close()
  })
})

describe('openSession to a host that is no host', () => {
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) server.close()
  })

  async function listen(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
    const server = createServer(onConnection as () => void)
    servers.push(server)
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return port
  }

  it('is told that the port is closed', async () => {
    const fault = await failed(accessAt(await freePort()), [], options)
    expect(fault).toMatchObject({ stage: 'connect' })
    expect(fault.reason).toContain('refused the connection')
  })

  it('gives up on a mute server when its time is up', async () => {
    const port = await listen((socket) => socket.on('error', () => {}))
    const fault = await failed(accessAt(port), [], { timeoutSeconds: 1 })
    expect(fault.reason).toContain('sent no SSH banner within 1 s')
  })

  it('tries again on a server that closes, then says so', async () => {
    let connections = 0
    const port = await listen((socket) => {
      connections += 1
      socket.end('Exceeded MaxStartups\r\n')
    })
    const fault = await failed(accessAt(port), [], options)
    expect(connections).toBeGreaterThan(1)
    expect(fault.reason).toContain('before its SSH banner')
    expect(fault.reason).toContain('Exceeded MaxStartups')
    expect(fault.remedy).toContain('MaxStartups')
  })

  it('gets through to a server that closed on it once', async () => {
    let connections = 0
    const port = await listen((socket) => {
      connections += 1
      if (connections === 1) socket.destroy()
      else socket.end('SSH-2.0-hasty\r\n')
    })
    const fault = await failed(accessAt(port), [], options)
    expect(connections).toBe(2)
    expect(fault.reason).toContain('failed (the host closed the connection)')
  })

  it('notices a server that closes after its banner', async () => {
    const port = await listen((socket) => socket.end('SSH-2.0-hasty\r\n'))
    const fault = await failed(accessAt(port), [], options)
    expect(fault.reason).toContain('failed (the host closed the connection)')
  })

  it('says that a name does not exist', async () => {
    const access = { ...accessAt(22), address: 'no-such-host.invalid' }
    const fault = await failed(access, [], options)
    expect(fault.reason).toContain('no-such-host.invalid')
  })

  it('stops at once when interrupted', async () => {
    const port = await listen((socket) => socket.on('error', () => {}))
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    const fault = await failed(accessAt(port), [], {
      timeoutSeconds: 60,
      signal: controller.signal,
    })
    expect(fault.reason).toContain('Interrupted')
  })
})
