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

  it('each try ends when its time is up', async () => {
    server = await startServer(() => {})
    const probe: Probe = { kind: 'http', url: `http://127.0.0.1:${server.port}/` }
    expect(await outcomeOf(probe, 0.2)).toEqual({
      kind: 'failed',
      reason: 'timed out after 0.2 s',
    })
    await expect.poll(() => server?.connections()).toBe(3)
  })

  it('ends at once when interrupted, also between tries', async () => {
    const controller = new AbortController()
    const port = await closedPort()
    const trying = outcomeOf({ kind: 'tcp', host: '127.0.0.1', port }, 10, controller.signal)
    controller.abort()
    expect(await trying).toMatchObject({ kind: 'failed' })
  })
})
