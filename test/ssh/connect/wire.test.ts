import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { dial } from '../../../src/ssh/connect/wire.ts'
import { accessAt } from '../host-access.ts'

describe('dial', () => {
  it('takes only addresses of the family that is wanted', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const reached = async (family: 4 | 6 | undefined) => {
      const wire = dial(accessAt(port, { address: 'localhost', family }))
      const is = await once(wire, 'connect').then(
        () => true,
        () => false,
      )
      wire.destroy()
      return is
    }
    expect([await reached(undefined), await reached(4), await reached(6)]).toEqual([
      true,
      true,
      false,
    ])
    server.close()
  })

  it('sends the pieces that are written in one turn together, and in their order', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const arriving = once(server, 'connection')
    const wire = dial(accessAt((server.address() as AddressInfo).port))
    await once(wire, 'connect')
    const [host]: Socket[] = await arriving
    let arrived = ''
    host?.on('data', (chunk) => {
      arrived += chunk
    })
    const sent: number[] = []
    const { _writev } = wire
    wire._writev = (chunks, done) => {
      sent.push(chunks.length)
      _writev?.call(wire, chunks, done)
    }
    for (const piece of ['length ', 'content ', 'tag ']) wire.write(piece)
    await expect.poll(() => arrived).toBe('length content tag ')
    expect(sent).toEqual([3])
    wire.write('length ')
    wire.end('the end')
    await expect.poll(() => arrived).toBe('length content tag length the end')
    server.close()
  })
})
