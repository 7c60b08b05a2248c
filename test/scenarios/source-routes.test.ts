import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { withGuard } from './guarded.ts'

const accept = (value: 0 | 1): string =>
  `cd /proc/sys/net/ipv4/conf; for one in */accept_source_route; do echo ${value} >$one; done`

/** Sends a datagram to a pod, with an address of its node as the first hop of a source route, and waits for the answer. */
const ask = (node: string, pod: string): string => `python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(2)
s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([131, 7, 4]) + socket.inet_aton('${node}') + bytes(1))
s.sendto(b'question', ('${pod}', 5353)); print(s.recv(60).decode())"`

const answer = `python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 5353))
print('ready', flush=True)
while True:
    data, sender = s.recvfrom(99); s.sendto(b'answer', sender)"`

describe('a host that takes packets with a source route', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 1 })
    for (const place of [lab.outsider, lab.pod(1)]) await place.run(accept(1))
    await lab
      .pod(1)
      .run(`${answer} >/tmp/answers 2>&1 & until grep -q ready /tmp/answers; do sleep 0.1; done`)
  })
  afterAll(() => lab.stop())

  it.each(['nft', 'mangle'])(
    'lets outsiders past the guard %s as the check says, until the sysctl is off',
    async (guard) => {
      const node = lab.host('node1')
      const reached = async (): Promise<boolean> =>
        (await lab.outsider.run(ask(node.address, lab.pod(1).address))).stdout.includes('answer')
      const told = async (): Promise<string> =>
        (await withGuard(lab, guard, ['status'])).stdout.replace(/\s+/g, ' ')
      await node.run(accept(1))
      expect((await withGuard(lab, guard, ['apply'])).code).toBe(0)
      expect(await reached()).toBe(true)
      const [, remedy = ''] = /`(sysctl -w \S*accept_source_route=0)`/.exec(await told()) ?? []
      expect((await node.run(remedy)).code).toBe(0)
      expect(await reached()).toBe(false)
      expect(await told()).not.toContain('source route')
      await withGuard(lab, guard, ['remove'])
    },
  )
})
