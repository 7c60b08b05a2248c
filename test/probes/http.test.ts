import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tryHttp } from '../../src/probes/http.ts'
import { closedPort, startServer, type TestServer } from './server.ts'

const never = new AbortController().signal

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** What a GET finds where that is the answer. */
async function answered(text: string, protocol = 'http') {
  server = await startServer((socket) => socket.once('data', () => socket.write(text, 'latin1')))
  return tryHttp(`${protocol}://127.0.0.1:${server.port}/healthz`, never)
}

describe('tryHttp', () => {
  it.each([200, 204, 301, 399])('passes on status %d, and follows nothing', async (status) => {
    const result = await answered(`HTTP/1.1 ${status} So\r\nLocation: http://192.0.2.1/\r\n\r\n`)
    expect(result).toEqual({ kind: 'passed' })
    expect(server?.connections()).toBe(1)
  })

  it.each([
    ['400 Bad Request', 'HTTP 400 Bad Request'],
    ['503 Go\u009b31m \u007faway', 'HTTP 503 Go 31m  away'],
    [`500 ${'x'.repeat(5000)}`, `HTTP 500 ${'x'.repeat(191)}`],
  ])('says the status %j, fit to print', async (status, reason) => {
    expect(await answered(`HTTP/1.1 ${status}\r\n\r\n`)).toEqual({ kind: 'failed', reason })
  })

  it('says that nobody listens', async () => {
    expect(await tryHttp(`http://127.0.0.1:${await closedPort()}/`, never)).toEqual({
      kind: 'failed',
      reason: 'connection refused',
    })
  })

  it('says when it is not HTTP', async () => {
    expect(await answered('SSH-2.0-OpenSSH\r\n')).toMatchObject({
      reason: expect.stringContaining('not HTTP'),
    })
  })

  it('does not read headers without end', async () => {
    server = await startServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const more = (): void => {
        while (socket.writable && socket.write('x: y\r\n'.repeat(1000))) {}
      }
      socket.on('drain', more)
      more()
    })
    expect(await tryHttp(`http://127.0.0.1:${server.port}/`, never)).toMatchObject({
      reason: expect.stringContaining('not HTTP'),
    })
  })

  it('says that what answers speaks no TLS', async () => {
    expect(await answered('HTTP/1.1 400 Bad Request\r\n\r\n', 'https')).toMatchObject({
      reason: 'TLS failed (wrong version number)',
    })
  })

  it('says what to do about a certificate that is not trusted', async () => {
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
    const result = await tryHttp(`https://127.0.0.1:${port}/`, never)
    secure.close()
    expect(result).toMatchObject({
      reason: expect.stringMatching(/^certificate not trusted \(self-signed certificate/),
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })
})
