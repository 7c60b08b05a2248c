import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import { fwRun, type Run } from './fw-run.ts'

/** Routes to the other host and its pods by a router, as BGP makes them, and a NodePort of a pod there. */
const toOther = (own: number, other: number): string => `set -e
for one in all default ens18; do echo 0 >/proc/sys/net/ipv4/conf/$one/accept_redirects; done
ip addr add 10.255.0.${own}/32 dev lo
ip route replace 10.255.0.${other} via 192.168.67.200 dev ens18 src 10.255.0.${own}
ip route replace 10.42.${other}.0/24 via 192.168.67.200 dev ens18 src 10.255.0.${own}
to="-p tcp -d 10.42.${other}.10 --dport 8080 -m conntrack --ctstate DNAT"
iptables -t nat -A PREROUTING -i ens18 -p tcp --dport 31000 -m addrtype --dst-type LOCAL -j DNAT --to 10.42.${other}.10:8080
iptables -t nat -I POSTROUTING -o ens18 $to -j MASQUERADE
iptables -I FORWARD $to -j ACCEPT`

describe('nodes with addresses on loopback, and pods that come by a router without a tunnel', () => {
  let lab: Lab
  beforeAll(async () => {
    const rules = articleRules.replace(/^-A FORWARD -[sd] 10\.42.*\n/gm, '')
    lab = await startLab({ hosts: [{ rules }, { rules }], podRouting: 'bare' })
    const routing = await lab.outsider.run(`set -e
echo 1 >/proc/sys/net/ipv4/ip_forward
for one in all default $(ls /proc/sys/net/ipv4/conf); do echo 0 >/proc/sys/net/ipv4/conf/$one/send_redirects; done
for at in 1 2; do ip route replace 10.255.0.$at via 192.168.64.1$at; done`)
    expect(routing).toMatchObject({ code: 0, stderr: '' })
    for (const [own, other] of [
      [1, 2],
      [2, 1],
    ] as const)
      expect(await lab.host(`node${own}`).run(toOther(own, other))).toMatchObject({
        code: 0,
        stderr: '',
      })
  })
  afterAll(() => lab.stop())

  async function run(guard: string, command: string, links: boolean): Promise<Run> {
    const addresses = (at: number) => [`10.255.0.${at}`, ...(links ? [`192.168.64.1${at}`] : [])]
    const hosts = Object.fromEntries(
      [1, 2].map((at) => [`node${at}`, { fw_addresses: addresses(at) }]),
    )
    const vars = { fw_guard: guard, fw_services: 'open', fw_pod_cidrs: ['10.42.0.0/16'] }
    const file = await lab.file('loopback.yaml', lab.inventoryYaml({ vars, hosts }))
    return fwRun(lab, [command], { env: { FW_RUN_INVENTORY: file } })
  }

  const reached = async () => ({
    byNode: await lab.host('node2').canConnect('10.42.1.10', 8080),
    byNodePort: await lab.outsider.canConnect(lab.host('node2').address, 31000),
    byPod: await lab.pod(2).canConnect('10.42.1.10', 8080),
    byOutsider: await lab.outsider.canConnect('10.42.1.10', 8080),
  })
  const all = { byNode: true, byNodePort: true, byPod: true, byOutsider: true }

  it.each(['nft', 'forward'])(
    'are refused while the inventory lacks the addresses of the links, from which they masquerade (%s)',
    async (guard) => {
      expect(await reached()).toEqual(all)
      const { code, stdout } = await run(guard, 'apply', false)
      expect(code).toBe(2)
      expect(stdout).toContain(
        'Set fw_addresses of node2 to all of its addresses: [10.255.0.2, 192.168.64.12].',
      )
      expect(await reached()).toEqual(all)
    },
  )

  it.each(['nft', 'mangle'])(
    'reach all pods with these addresses, and the guard %s',
    async (guard) => {
      expect((await run(guard, 'apply', true)).stdout).toContain(
        'apply: done, 2 of 2 hosts changed',
      )
      expect(await reached()).toEqual({ ...all, byOutsider: false })
      await run(guard, 'remove', true)
    },
  )
})
