import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Probe } from '../../src/inventory/probe.ts'
import { tryProbe } from '../../src/probes/try-probe.ts'
import { closedPort, startServer, type TestServer } from './server.ts'

const never = new AbortController().signal
const passed = { kind: 'passed' }

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const serveHttp = async (answer: (number: number) => string): Promise<string> => {
  server = await startServer((socket, number) =>
    socket.once('data', () => socket.write(answer(number))),
  )
  return `http://127.0.0.1:${server.port}/healthz`
}

describe('tryProbe', () => {
  const outcomeOf = (probe: Probe, seconds = 10, signal = never) => tryProbe(probe, seconds, signal)

  it('tcp passes where a connection is accepted', async () => {
    server = await startServer(() => {})
    const probe = { kind: 'tcp', host: '127.0.0.1', port: server.port } as const
    expect(await outcomeOf(probe)).toEqual(passed)
  })

  it('tcp says that nobody listens', async () => {
    const port = await closedPort()
    expect(await outcomeOf({ kind: 'tcp', host: 'localhost', port })).toEqual({
      kind: 'failed',
      reason: 'connection refused',
    })
  })

  it.each([200, 204, 301, 399])('http passes on status %d, and follows nothing', async (status) => {
    const url = await serveHttp(
      () => `HTTP/1.1 ${status} So\r\nLocation: http://192.0.2.1/\r\n\r\n`,
    )
    expect(await outcomeOf({ kind: 'http', url })).toEqual(passed)
    expect(server?.connections()).toBe(1)
  })

  it('http passes when a later try does, each on a connection of its own', async () => {
    const url = await serveHttp((number) =>
      number < 3
        ? 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\n\r\n',
    )
    expect(await outcomeOf({ kind: 'http', url })).toEqual(passed)
    expect(server?.connections()).toBe(3)
  })

  it('http says the status, after three tries', async () => {
    const url = await serveHttp(() => 'HTTP/1.1 503 Service Unavailable\r\n\r\n')
    const failed = await outcomeOf({ kind: 'http', url })
    expect(failed).toEqual({ kind: 'failed', reason: 'HTTP 503 Service Unavailable' })
    expect(server?.connections()).toBe(3)
  })

  it('http says when it is not HTTP', async () => {
    const url = await serveHttp(() => 'SSH-2.0-OpenSSH\r\n')
    const failed = await outcomeOf({ kind: 'http', url })
    expect(failed).toMatchObject({ reason: expect.stringContaining('not HTTP') })
  })

  it('https says that what answers speaks no TLS', async () => {
    const url = await serveHttp(() => 'HTTP/1.1 400 Bad Request\r\n\r\n')
    const failed = await outcomeOf({ kind: 'http', url: url.replace('http:', 'https:') })
    expect(failed).toMatchObject({
      reason: 'no TLS with what answers there (wrong version number)',
    })
  })

  it('each try ends when its time is up', async () => {
    server = await startServer(() => {})
    const probe: Probe = { kind: 'http', url: `http://127.0.0.1:${server.port}/` }
    expect(await outcomeOf(probe, 0.2)).toEqual({
      kind: 'failed',
      reason: 'timed out after 0.2 s',
    })
    expect(server.connections()).toBe(3)
  })

  it('https says what to do about a certificate that is not trusted', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fw-run-probe-'))
    execFileSync(
      'openssl',
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out crt -subj /CN=x'.split(
        ' ',
      ),
      { cwd: directory, stdio: 'ignore' },
    )
    const [key, cert] = ['key', 'crt'].map((name) => readFileSync(join(directory, name)))
    rmSync(directory, { recursive: true })
    const secure = createSecure({ key, cert }, (_, response) => response.end())
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    const { port } = secure.address() as AddressInfo
    const failed = await outcomeOf({ kind: 'http', url: `https://127.0.0.1:${port}/` })
    secure.close()
    expect(failed).toMatchObject({
      reason: expect.stringMatching(/^certificate not trusted \(self-signed certificate/),
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it('ends at once when interrupted, also between tries', async () => {
    const controller = new AbortController()
    const port = await closedPort()
    const trying = outcomeOf({ kind: 'tcp', host: '127.0.0.1', port }, 10, controller.signal)
    controller.abort()
    expect(await trying).toMatchObject({ kind: 'failed' })
  })
})
