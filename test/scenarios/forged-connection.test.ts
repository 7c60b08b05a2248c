import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import type { Place } from '../lab/place.ts'
import { addIpv6 } from './dual-stack.ts'
import { withGuard } from './guarded.ts'

const port = 5353

/** A pod that answers datagrams. */
const echoing = `const [, file] = process.argv
const socket = require('dgram').createSocket('udp6')
socket.on('message', (text, { port, address }) => socket.send(text, port, address))
socket.bind(${port}, '::', () => require('fs').writeFileSync(file, ''))`

/** Sends datagrams from the address of the pod for some seconds. */
const forging = `const [, pod, accomplice] = process.argv
const socket = require('dgram').createSocket(pod.includes(':') ? 'udp6' : 'udp4')
socket.bind(${port}, pod, () => setInterval(() => socket.send('forged', 5000, accomplice), 100))
setTimeout(() => process.exit(), 6000)`

/** Answers forged datagrams to where they seem to come from and to the pod; ends well if the pod answers. */
const accomplice = `const [, own, pod] = process.argv
const socket = require('dgram').createSocket(pod.includes(':') ? 'udp6' : 'udp4')
socket.on('message', (text, { port, address }) => {
  if (String(text) === 'probe') process.exit(0)
  socket.send('probe', port, address)
  socket.send('probe', ${port}, pod)
})
socket.bind(5000, own)
setTimeout(() => process.exit(1), 6000)`

function start(place: Pick<Place, 'run'>, program: string, ...words: readonly string[]) {
  const env = { PROGRAM: program }
  return place.run(`exec '${process.execPath}' -e "$PROGRAM" ${words.join(' ')}`, { env })
}

describe('two outsiders, one of which forges the address of a pod behind a tunnel', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 2 })
    await addIpv6(lab)
    await lab.pod(1).run(
      `setsid '${process.execPath}' -e "$PROGRAM" /tmp/echoing </dev/null >/dev/null 2>&1 &
       until [ -e /tmp/echoing ]; do sleep 0.1; done`,
      { env: { PROGRAM: echoing } },
    )
    await lab.jump.run('ip route add 10.42.1.10 via 192.168.64.11')
    await lab.outsider.run(
      'ip addr add 10.42.1.10/32 dev lo; ip route add 192.168.64.1 via 192.168.64.11',
    )
  })
  afterAll(() => lab.stop())

  async function isTalkedTo(): Promise<boolean> {
    const [, heard] = await Promise.all([
      start(lab.outsider, forging, '10.42.1.10', '192.168.64.1'),
      start(lab.jump, accomplice, '192.168.64.1', '10.42.1.10'),
    ])
    return heard.code === 0
  }

  const setFilter = (value: 0 | 1) =>
    lab.host('node1').run(`echo ${value} >/proc/sys/net/ipv4/conf/ens18/rp_filter`)

  it.each([
    ['masqueraded', ':'],
    ['not masqueraded', 'iptables -t nat -F POSTROUTING'],
  ])(
    'talk to it where pods are %s, unless rp_filter is strict on the guarded interface',
    async (_, change) => {
      await lab.host('node1').run(change)
      for (const [guard, filter, talked] of [
        // As docs/limits.md says.
        ['nft', 0, true],
        ['nft', 1, false],
        ['mangle', 0, true],
        ['mangle', 1, false],
      ] as const) {
        expect((await withGuard(lab, guard, ['apply'])).code).toBe(0)
        await setFilter(filter)
        expect([guard, filter, await isTalkedTo()]).toEqual([guard, filter, talked])
      }
    },
  )
})
