import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import type { Place } from '../lab/place.ts'
import { addIpv6, address6, pod6 } from './dual-stack.ts'
import { fwRun } from './fw-run.ts'
import { withGuard } from './guarded.ts'
import { serveDatagrams } from './matrix/flows.ts'

/** Sends a long datagram again and again until it is answered, and prints so. */
const asking = `const socket = require('dgram').createSocket(process.argv[1].includes(':') ? 'udp6' : 'udp4')
const send = () => socket.send(Buffer.alloc(1350), 8081, process.argv[1])
socket.on('message', () => { console.log('answered'); process.exit() })
setInterval(send, 200)
setTimeout(() => process.exit(1), 20_000)`

async function isAnswered(place: Place, address: string): Promise<boolean> {
  const env = { ASKING: asking }
  return (await place.run(`'${process.execPath}' -e "$ASKING" ${address}`, { env })).code === 0
}

describe('a router between nodes that is no member, with a link too narrow for the answers of a pod', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 2 })
    await addIpv6(lab)
    await serveDatagrams(lab)
  })
  afterAll(() => lab.stop())

  /** Node 2 asks the pod of node 1 without a tunnel, and the answers go through the outsider. */
  async function lead(word: 'add' | 'del'): Promise<void> {
    const [one, two] = ['192.168.64.11', '192.168.64.12']
    await lab.host('node2').run(`ip route ${word} 10.42.1.10 via ${one}`)
    await lab
      .host('node1')
      .run(
        `ip route ${word} ${two} via ${lab.outsider.address}; ip -6 route ${word} ${address6(2)} via fd00:64::200`,
      )
    await lab.outsider.run(`sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
      for one in all eth0; do echo 0 >/proc/sys/net/ipv4/conf/$one/send_redirects; done
      ip route ${word} ${two} dev eth0 mtu lock 1300; ip -6 route ${word} ${address6(2)} dev eth0 mtu lock 1300`)
  }

  it.each(['forward', 'nft', 'mangle'])('is heard with guard %s', async (guard) => {
    const run = (words: readonly string[]) =>
      guard === 'forward' ? fwRun(lab, words) : withGuard(lab, guard, words)
    expect((await run(['apply'])).stdout).toContain('apply: done')
    await lead('add')
    // The pod forgets what it has learned of the link.
    await lab.pod(1).run('ip route flush cache; ip -6 route flush cache')
    const [node2, outsider] = [lab.host('node2'), lab.outsider]
    expect(
      await Promise.all([isAnswered(node2, '10.42.1.10'), isAnswered(node2, pod6(1))]),
    ).toEqual([true, true])
    expect(await outsider.canPing('10.42.1.10')).toBe(false)
    await lead('del')
    expect((await run(['remove'])).code).toBe(0)
  })
})
