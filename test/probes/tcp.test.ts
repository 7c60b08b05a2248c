import { afterEach, describe, expect, it } from 'vitest'
import { tryTcp } from '../../src/probes/tcp.ts'
import { closedPort, startServer, type TestServer } from './server.ts'

const never = new AbortController().signal

describe('tryTcp', () => {
  let server: TestServer | undefined
  afterEach(() => server?.close())

  it('passes where a connection is accepted, and says nothing on it', async () => {
    let heard = ''
    const ended = new Promise<void>((resolve) => {
      void startServer((socket) => {
        socket.on('data', (chunk) => {
          heard += chunk
        })
        socket.on('end', resolve)
      }).then(async (started) => {
        server = started
        expect(await tryTcp('127.0.0.1', started.port, never)).toEqual({ kind: 'passed' })
      })
    })
    await ended
    expect(heard).toBe('')
  })

  it('says that nobody listens', async () => {
    expect(await tryTcp('localhost', await closedPort(), never)).toEqual({
      kind: 'failed',
      reason: 'connection refused',
    })
  })

  it('says that a name does not exist', async () => {
    const result = await tryTcp('no-such-host.invalid', 80, never)
    expect(result).toMatchObject({
      reason: expect.stringMatching(/^the name (is not known|server does not answer)$/),
    })
  })

  it('ends at once when the signal comes, or has come', async () => {
    const controller = new AbortController()
    const trying = tryTcp('192.0.2.1', 80, controller.signal)
    controller.abort()
    expect(await trying).toMatchObject({ kind: 'failed' })
    expect(await tryTcp('192.0.2.1', 80, controller.signal)).toMatchObject({ kind: 'failed' })
  })
})
