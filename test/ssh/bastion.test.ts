import { execFileSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { missingBanner } from '../../src/ssh/banner.ts'
import { type Bastion, createBastion } from '../../src/ssh/bastion.ts'
import type { HostAccess } from '../../src/ssh/host-access.ts'
import { parseKnownHosts } from '../../src/ssh/known-hosts.ts'
import { openSession, type Session } from '../../src/ssh/session.ts'
import { accessTo, knowing, pinned } from './host-access.ts'
import { freePort, type Sshd, type SshdSettings, startSshd } from './sshd.ts'

const options = { timeoutSeconds: 60 }

const started: Sshd[] = []
let sshd: Sshd
let gate: Sshd
beforeAll(async () => {
  sshd = await start()
  gate = await start()
})
afterAll(() => {
  for (const each of started) each.stop()
})

const bastions: Bastion[] = []
afterEach(() => {
  for (const bastion of bastions.splice(0)) bastion.close()
})

async function start(settings: SshdSettings = {}): Promise<Sshd> {
  const each = await startSshd(settings)
  started.push(each)
  return each
}

async function bastionAt(at: Sshd, more: Partial<HostAccess> = {}, seconds = 60): Promise<Bastion> {
  const access = knowing(await accessTo(at, { name: 'gate', ...more }), pinned(at, 'ed25519'))
  const bastion = createBastion({ ...access, ...more }, seconds)
  bastions.push(bastion)
  return bastion
}

async function behind(via: Bastion, more: Partial<HostAccess> = {}): Promise<HostAccess> {
  return { ...knowing(await accessTo(sshd), pinned(sshd, 'ed25519')), via, ...more }
}

async function opened(access: HostAccess): Promise<Session> {
  const result = await openSession(access, options)
  if (result.kind === 'failed') throw new Error(`${result.fault.reason} ${result.fault.remedy}`)
  return result.session
}

async function failed(access: HostAccess, seconds = 60): Promise<string> {
  const result = await openSession(access, { timeoutSeconds: seconds })
  if (result.kind === 'opened') throw new Error('the session opened')
  const { stage, reason, remedy } = result.fault
  return `${stage}: ${reason} ${remedy}`
}

async function say(session: Session, program: string): Promise<string> {
  session.shell.write(program)
  session.shell.end()
  return text(session.shell.stdout)
}

/** How many connections an sshd has at this moment. */
function connectionsTo({ port }: Sshd): number {
  const found = execFileSync('ss', ['-Htn', 'state', 'established', `sport = :${port}`])
  return String(found).split('\n').filter(Boolean).length
}

describe('createBastion', () => {
  it('carries the sessions of many hosts in one connection', async () => {
    const bastion = await bastionAt(gate)
    const access = await behind(bastion)
    const sessions = await Promise.all(Array.from({ length: 6 }, () => opened(access)))
    expect(connectionsTo(gate)).toBe(1)
    const said = await Promise.all(sessions.map((session) => say(session, 'id -u; exit 3\n')))
    expect(said).toEqual(sessions.map(() => '0\n'))
    expect(await sessions[0]?.shell.ended).toEqual({ kind: 'exited', code: 3 })
    for (const session of sessions) session.close()
  })

  it('carries more than a window of output to a slow reader', async () => {
    const session = await opened(await behind(await bastionAt(gate)))
    session.shell.write('head -c 8000000 /dev/zero | tr "\\0" x; exit\n')
    let size = 0
    for await (const chunk of session.shell.stdout) size += chunk.length
    expect(size).toBe(8_000_000)
    expect(await session.shell.ended).toEqual({ kind: 'exited', code: 0 })
    session.close()
  })

  it('goes through a chain of bastions', async () => {
    const first = await bastionAt(gate)
    const second = await start()
    const chain = await bastionAt(second, { via: first })
    const session = await opened(await behind(chain))
    expect(await say(session, 'echo here\n')).toBe('here\n')
    expect([connectionsTo(gate), connectionsTo(second)]).toEqual([1, 1])
    session.close()
  })

  it('shows a banner of the host behind it on a new connection', async () => {
    const bastion = await bastionAt(gate)
    const { signal } = new AbortController()
    expect(await missingBanner(await behind(bastion), 60, signal)).toBeUndefined()
    const closed = await behind(bastion, { port: await freePort() })
    expect(await missingBanner(closed, 1, signal)).toMatchObject({
      reason: expect.stringMatching(/\(through the bastion gate\) refused the connection/),
    })
  })

  it('says what a bastion could not reach', async () => {
    const bastion = await bastionAt(gate)
    expect(await failed(await behind(bastion, { port: await freePort() }))).toMatch(
      /^connect: 127\.0\.0\.1 port \d+ \(through the bastion gate\) refused the connection/,
    )
    expect(await failed(await behind(bastion, { address: 'no-such-name.invalid' }))).toMatch(
      /^connect: .*bastion gate/,
    )
  })

  it('says that a bastion forwards nothing', async () => {
    const closed = await start({ config: ['AllowTcpForwarding no'] })
    expect(await failed(await behind(await bastionAt(closed)))).toMatch(
      /^connect: The bastion gate refuses to forward to 127\.0\.0\.1 port \d+ .*AllowTcpForwarding yes/,
    )
  })

  it('checks the key of the bastion as strictly as that of a host', async () => {
    const unknown = await bastionAt(gate, { hostKeys: { knownHosts: [] } })
    expect(await failed(await behind(unknown))).toMatch(
      /^connect: The bastion gate cannot be used: \[127\.0\.0\.1\]:\d+ is not in known_hosts/,
    )
    const other = (await start()).hostKey('ed25519')
    const changed = `[127.0.0.1]:${gate.port} ${other}`
    const knownHosts = parseKnownHosts(changed, 'known_hosts')
    const forged = await bastionAt(gate, { hostKeys: { knownHosts } })
    expect(await failed(await behind(forged))).toMatch(
      /^connect: The bastion gate cannot be used: .*differs from known_hosts:1/,
    )
  })

  it('checks the key of a host behind it, too', async () => {
    const access = await behind(await bastionAt(gate))
    expect(await failed({ ...access, hostKeys: { knownHosts: [] } })).toMatch(
      /^host-key: \[127\.0\.0\.1\]:\d+ is not in known_hosts/,
    )
  })

  it('fails all hosts with one try where the bastion is down', async () => {
    const down = await bastionAt(gate, { port: await freePort() })
    const faults = await Promise.all(
      Array.from({ length: 5 }, async () => failed(await behind(down))),
    )
    expect(new Set(faults).size).toBe(1)
    expect(faults[0]).toMatch(
      /^connect: The bastion gate cannot be used: .* refused the connection/,
    )
  })

  it('names the bastion when it says nothing in time', async () => {
    const silent = await start()
    process.kill(silent.pid(), 'SIGSTOP')
    try {
      const bastion = await bastionAt(silent, {}, 1)
      expect(await failed(await behind(bastion), 60)).toMatch(
        /^connect: The bastion gate cannot be used: .* sent no SSH banner within 1 s/,
      )
    } finally {
      process.kill(silent.pid(), 'SIGCONT')
    }
  })

  it('loses the session of each host with the bastion, by its name, and connects again when asked', async () => {
    const bastion = await bastionAt(gate)
    const access = await behind(bastion)
    const sessions = [await opened(access), await opened(access)]
    for (const session of sessions) session.shell.stdout.resume()
    execFileSync('pkill', ['-KILL', '-P', String(gate.pid())])
    for (const session of sessions) {
      expect(await session.shell.ended).toEqual({
        kind: 'lost',
        reason: expect.stringMatching(/^the connection to the bastion gate has ended: /),
      })
    }
    const again = await opened(access)
    expect(await say(again, 'echo again\n')).toBe('again\n')
    again.close()
  })

  it('is connected in spite of MaxStartups, because only one connection knocks', async () => {
    const narrow = await start({ config: ['MaxStartups 1:100:1', 'MaxSessions 1'] })
    const access = await behind(await bastionAt(narrow))
    const sessions = await Promise.all(Array.from({ length: 4 }, () => opened(access)))
    for (const session of sessions) session.close()
  })

  it('gives up waiting for a bastion when the run is interrupted', async () => {
    const silent = await start()
    process.kill(silent.pid(), 'SIGSTOP')
    try {
      const interrupt = new AbortController()
      const opening = openSession(await behind(await bastionAt(silent)), {
        ...options,
        signal: interrupt.signal,
      })
      interrupt.abort()
      expect(await opening).toMatchObject({
        fault: { reason: expect.stringContaining('Interrupted') },
      })
    } finally {
      process.kill(silent.pid(), 'SIGCONT')
    }
  })
})
