import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { withGuard } from './guarded.ts'

/** A network of outsiders behind an interface that has a route and no address, as WireGuard may have. rp_filter is strict there. */
const branch = `set -e
ip netns add branch
ip link add wg0 type veth peer name eth0 netns branch
ip link set wg0 up
echo 1 >/proc/sys/net/ipv4/conf/wg0/rp_filter
ip -n branch addr add 10.77.0.5/24 dev eth0
ip -n branch link set eth0 up
ip -n branch route add default via 10.77.0.1
ip -n branch neigh replace 10.77.0.1 lladdr $(cat /sys/class/net/wg0/address) dev eth0
ip route add 10.77.0.0/24 dev wg0
ip neigh replace 10.77.0.5 dev wg0 lladdr $(ip netns exec branch cat /sys/class/net/eth0/address)
iptables -I FORWARD -d 10.77.0.0/24 -j ACCEPT`

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ hosts: 1 })
  const { code, stderr } = await lab.host('node1').run(branch)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
afterAll(() => lab.stop())

it('names an interface without an address by which outsiders come in, and its remedy closes it', async () => {
  const comesIn = async (): Promise<boolean> =>
    (
      await lab
        .host('node1')
        .run(`ip netns exec branch nc -n -z -w 3 ${lab.pod(1).address} 8080 2>&1`)
    ).code === 0
  const first = await withGuard(lab, 'nft', ['apply'])
  expect(first.stdout).toContain('packets that come in by wg0 reach pods')
  expect(await comesIn()).toBe(true)
  const [, interfaces = ''] = /fw_interface of that host to (\[.+?\])/.exec(first.stdout) ?? []
  const second = await withGuard(lab, 'nft', ['apply'], { fw_interface: JSON.parse(interfaces) })
  expect(second.stdout).toContain('apply: done')
  expect(second.stdout).not.toContain('another interface leads to pods')
  expect(await comesIn()).toBe(false)
})
