import type { Socket } from 'node:net'
import ssh2, { type Algorithms } from 'ssh2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Secret } from '../../src/secret.ts'
import type { Identities } from '../../src/ssh/login/identities.ts'
import { openSession, type Session } from '../../src/ssh/session.ts'
import type { SessionFault } from '../../src/ssh/session-fault.ts'
import { startServer, type TestServer } from '../probes/server.ts'
import { accessAt, knowing } from './host-access.ts'
import { type Ssh2Server, type Ssh2ServerSettings, startSsh2Server } from './ssh2-server.ts'

let server: TestServer | Ssh2Server | undefined
afterEach(async () => {
  vi.useRealTimers()
  await server?.close()
})

/** Writes for ever, as fast as the other side reads. */
function flood(stream: NodeJS.WritableStream, text: string): void {
  const more = (): void => {
    while (stream.writable && stream.write(text)) {}
  }
  stream.on('drain', more)
  more()
}

/** The answer of the root shell that the command asks for. */
function rootAnswer(command: string): string {
  return `${/fw-run-\w+-ready/.exec(command)?.[0]} 0\n`
}

async function open(
  settings: Ssh2ServerSettings,
  signal?: AbortSignal,
): Promise<Session | SessionFault> {
  const started = await startSsh2Server(settings)
  server = started
  const access = accessAt(started.port, { password: new Secret('right') })
  const opened = await openSession(knowing(access, started.knownHosts), {
    timeoutSeconds: 20,
    ...(signal && { signal }),
  })
  return opened.kind === 'opened' ? opened.session : opened.fault
}

async function faultOf(settings: Ssh2ServerSettings, signal?: AbortSignal): Promise<SessionFault> {
  const result = await open(settings, signal)
  if ('shell' in result) throw new Error('the session opened')
  return result
}

const tooMuch = expect.stringContaining('sent too much data that fw-run did not ask for')

describe('openSession to a hostile host', () => {
  const faultOfRaw = async (each: (socket: Socket) => void, seconds: number) => {
    server = await startServer(each)
    const opened = await openSession(accessAt(server.port), { timeoutSeconds: seconds })
    return opened.kind === 'failed' ? opened.fault.reason : 'opened'
  }

  it.each([
    ['lines', 'hello there\r\n'.repeat(1000)],
    ['a line', 'hello there '.repeat(1000)],
  ])('does not listen for ever to %s before the banner', async (_, text) => {
    const reason = await faultOfRaw((socket) => flood(socket, text), 20)
    expect(reason).toMatch(/does not speak SSH 2 \(hello there .{0,190}\)\.$/)
  })

  it.each([
    ['its banner', 'SSH-2.0-OpenSSH_9.2p1 Debian-2'],
    ['lines before its banner', 'a\r\n'.repeat(100)],
  ])('waits as long as it may for a host that lets %s drip', async (_, text) => {
    const reason = await faultOfRaw((socket) => {
      const letters = [...text]
      const drip = setInterval(() => socket.write(letters.shift() ?? ''), 20)
      socket.on('close', () => clearInterval(drip))
    }, 0.5)
    expect(reason).toMatch(/sent no SSH banner within 0.5 s\.$/)
  })

  it('does not answer prompts for ever', async () => {
    const fault = await faultOf({
      onLogin: (context) => {
        if (context.method !== 'keyboard-interactive')
          return context.reject(['keyboard-interactive'])
        const again = () =>
          context.prompt([{ prompt: 'Code:\u202e '.repeat(1000), echo: true }], again)
        again()
      },
    })
    expect(fault).toMatchObject({ stage: 'login', reason: tooMuch })
    expect(fault.reason).toContain('It asked "Code:  Code: ')
    expect(fault.reason.length).toBeLessThan(600)
  })

  it('signs a few times for a host that asks without end', async () => {
    const { private: text } = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
    const key = ssh2.utils.parseKey(text)
    if (key instanceof Error) throw key
    const sign = vi.spyOn(key, 'sign')
    const started = await startSsh2Server({
      onLogin: (context) => {
        if (context.method !== 'publickey' || context.signature)
          return context.reject(['publickey'])
        // So that ssh2's server forgets that it has answered already.
        const { _protocol } = context as unknown as { _protocol: { _authsQueue: string[] } }
        for (let n = 0; n < 500; n++) {
          _protocol._authsQueue.unshift('publickey')
          context.accept()
        }
      },
    })
    server = started
    const identities: Identities = { offers: [{ kind: 'key', label: 'key', key }], leftAside: [] }
    const access = accessAt(started.port, { identities })
    const opened = await openSession(knowing(access, started.knownHosts), { timeoutSeconds: 20 })
    expect(opened).toMatchObject({ kind: 'failed', fault: { stage: 'login' } })
    expect(sign.mock.calls.length).toBeGreaterThan(0)
    expect(sign.mock.calls.length).toBeLessThan(10)
  })

  it.each(['stdout', 'stderr'] as const)(
    'does not read %s for ever before the root shell',
    async (name) => {
      const fault = await faultOf({
        onExec: (channel) =>
          flood(name === 'stdout' ? channel : channel.stderr, 'noise\n'.repeat(1000)),
      })
      expect(fault).toMatchObject({ stage: 'become', reason: tooMuch })
    },
  )

  it('does not read stderr for ever beside the root shell', async () => {
    const session = await open({
      onExec: (channel, command) => {
        channel.write(rootAnswer(command))
        flood(channel.stderr, 'noise\u2028\n'.repeat(1000))
      },
    })
    if (!('shell' in session)) throw new Error(session.reason)
    session.shell.stdout.resume()
    expect(await session.shell.ended).toEqual({ kind: 'lost', reason: tooMuch })
    expect(session.shell.stderrTail()).toMatch(/^[noise ]{1,200}$/)
  })

  it('does not hear requests of the host for ever', async () => {
    const session = await open({
      onExec: (channel, command, connection) => {
        channel.write(rootAnswer(command))
        const ask = (): void => {
          for (let n = 0; n < 100; n++) connection.forwardOut('x'.repeat(1000), 1, 'y', 1, () => {})
          asking = setTimeout(ask, 1)
        }
        let asking = setTimeout(ask, 1)
        connection.on('close', () => clearTimeout(asking))
      },
    })
    if (!('shell' in session)) throw new Error(session.reason)
    session.shell.stdout.resume()
    expect(await session.shell.ended).toEqual({ kind: 'lost', reason: tooMuch })
  })

  it('reads as much of the root shell as it prints', async () => {
    const size = 30_000_000
    const session = await open({
      onExec: (channel, command) => {
        channel.write(rootAnswer(command))
        channel.end('x'.repeat(size))
      },
    })
    if (!('shell' in session)) throw new Error(session.reason)
    let read = 0
    for await (const chunk of session.shell.stdout) read += chunk.length
    expect(read).toBe(size)
    session.close()
  })

  describe('when its time is up', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
    const timeIsUp = (): void => void vi.advanceTimersByTime(20_000)

    it('gives up on a host that never finishes the login', async () => {
      expect(await faultOf({ onLogin: timeIsUp })).toMatchObject({
        stage: 'login',
        reason: expect.stringContaining('did not finish the login as root within 20 s'),
      })
    })

    it('gives up on a host that never says whether a command runs', async () => {
      expect(await faultOf({ onSession: timeIsUp })).toMatchObject({
        stage: 'become',
        reason: 'The login did not become root within 20 s.',
      })
    })

    it('gives up on a host that never becomes root, with what it said last', async () => {
      const fault = await faultOf({
        onExec: (channel, _, connection) => {
          channel.write('Waiting\n')
          // Its refusal says that it has read what came before.
          connection.forwardOut('x', 1, 'y', 1, timeIsUp)
        },
      })
      expect(fault.stage).toBe('become')
      expect(fault.reason).toContain('Its last output was "Waiting".')
    })
  })

  it.each(['onLogin', 'onSession'] as const)('is not blamed for Ctrl-C at %s', async (at) => {
    const interrupt = new AbortController()
    const fault = await faultOf({ [at]: () => interrupt.abort() }, interrupt.signal)
    expect(fault.reason).toBe('Interrupted before the session was open.')
  })

  it('names the one key exchange of an outdated host, and does not advise post-quantum', async () => {
    const fault = await faultOf({ algorithms: { kex: ['diffie-hellman-group1-sha1'] } })
    expect(fault.reason).toMatch(
      /^127\.0\.0\.1 port \d+ offers no key exchange that fw-run supports: it offers diffie-hellman-group1-sha1\.$/,
    )
    expect(fault.remedy).toMatch(/^Update its sshd/)
  })

  it.each([
    ['cipher', { cipher: ['3des-cbc'] }, /no cipher that fw-run supports: it offers 3des-cbc\.$/],
    [
      'MAC',
      { hmac: ['hmac-md5'], cipher: ['aes128-ctr'] },
      /no MAC that fw-run supports: it offers hmac-md5\.$/,
    ],
  ] satisfies [string, Algorithms, RegExp][])(
    'names the one %s of an outdated host',
    async (_, algorithms, expected) => {
      const fault = await faultOf({ algorithms })
      expect(fault.reason).toMatch(expected)
    },
  )
})

describe('openSession', () => {
  it('counts a host as lost that has been silent for keepaliveSeconds, and not before', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const silence: (() => void)[] = []
    const started = await startSsh2Server({
      onConnection: (_, socket) => silence.push(() => socket.pause()),
      onExec: (channel, command) => channel.write(rootAnswer(command)),
    })
    server = started
    const access = accessAt(started.port, { password: new Secret('right') })
    const options = { timeoutSeconds: 20, keepaliveSeconds: 100 }
    const opened = await openSession(knowing(access, started.knownHosts), options)
    if (opened.kind === 'failed') throw new Error(opened.fault.reason)
    let end: unknown
    void opened.session.shell.ended.then((how) => {
      end = how
    })
    for (const fall of silence) fall()
    const pass = async (seconds: number) => {
      for (let ms = 0; ms < seconds * 1000; ms += 1000) {
        vi.advanceTimersByTime(1000)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await pass(99)
    expect(end).toBeUndefined()
    await pass(1)
    await expect.poll(() => end).toEqual({ kind: 'lost', reason: 'the host no longer answers' })
  })
})
