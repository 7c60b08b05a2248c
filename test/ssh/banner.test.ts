import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { readBanner } from '../../src/ssh/banner.ts'
import { freePort, startSshd } from './sshd.ts'

describe('readBanner', () => {
  it('reads the banner of a host that still answers', async () => {
    const sshd = await startSshd()
    expect(await readBanner('127.0.0.1', sshd.port, 5)).toMatch(/^SSH-2\.0-OpenSSH/)
    sshd.stop()
  })

  it('comes back empty from a closed port and from a mute one', async () => {
    const port = await freePort()
    expect(await readBanner('127.0.0.1', port, 5)).toBeUndefined()
    const server = createServer((socket) => socket.on('error', () => {})).listen(port, '127.0.0.1')
    expect(await readBanner('127.0.0.1', port, 0.3)).toBeUndefined()
    server.close()
  })
})
