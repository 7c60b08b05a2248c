import { afterEach, describe, expect, it } from 'vitest'
import { missingBanner } from '../../src/ssh/banner.ts'
import { closedPort, startServer, type TestServer } from '../probes/server.ts'
import { accessAt } from './host-access.ts'

const never = new AbortController().signal

describe('missingBanner', () => {
  let server: TestServer | undefined
  afterEach(() => server?.close())

  const ask = async (seconds: number, signal = never) =>
    missingBanner(accessAt(server?.port ?? (await closedPort())), seconds, signal)

  it('is content with a banner, also behind other lines and in pieces', async () => {
    server = await startServer((socket) => {
      socket.write('Welcome.\r\nSSH-2.0-Ope')
      setTimeout(() => socket.write('nSSH_9.2\r\n'), 20)
    })
    expect(await ask(5)).toBeUndefined()
    expect(server.connections()).toBe(1)
  })

  it('tries again when a connection is dropped, as sshd does under many logins', async () => {
    server = await startServer((socket, number) => {
      if (number < 3) socket.end('Exceeded MaxStartups\r\n')
      else socket.write('SSH-2.0-OpenSSH_9.2\r\n')
    })
    expect(await ask(10)).toBeUndefined()
    expect(server.connections()).toBe(3)
  })

  it('says that every connection was dropped, and with which words', async () => {
    server = await startServer((socket) => socket.end('\u001b[31mgo away\r\n'))
    expect((await ask(0.5))?.reason).toMatch(
      /^127\.0\.0\.1 port \d+ closed each connection before its SSH banner \(\[31mgo away\)\.$/,
    )
    // It pauses longer each time: sshd has enough to do.
    expect(server.connections()).toBeLessThan(6)
  })

  it('says that nobody listens', async () => {
    server = undefined
    expect((await ask(0.5))?.reason).toMatch(/^127\.0\.0\.1 port \d+ refused the connection\.$/)
  })

  it('says that a connection brings nothing, as where sshd is frozen', async () => {
    server = await startServer(() => {})
    expect((await ask(0.3))?.reason).toMatch(/accepted the connection but sent no SSH banner/)
  })

  it('gives up on a banner that drips in', async () => {
    server = await startServer((socket) => {
      const letters = [...'SSH-2.0-'.padEnd(4000, 'x')]
      const drip = setInterval(() => socket.write(letters.shift() ?? ''), 5)
      socket.on('close', () => clearInterval(drip))
    })
    expect((await ask(0.3))?.reason).toMatch(/sent no SSH banner within 0.3 s/)
    expect(server.connections()).toBe(1)
  })

  it('does not listen for ever to what is no banner', async () => {
    server = await startServer((socket) => socket.write('SSH-'.padEnd(9000, 'x')))
    expect((await ask(0.3))?.reason).toMatch(/does not speak SSH 2/)
  })

  it('ends at once when interrupted', async () => {
    server = await startServer(() => {})
    const controller = new AbortController()
    const asked = ask(3600, controller.signal)
    controller.abort()
    expect((await asked)?.reason).toContain('Interrupted')
  })
})
