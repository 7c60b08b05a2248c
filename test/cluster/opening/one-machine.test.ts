import { describe, expect, it } from 'vitest'
import type { OpenedHost } from '../../../src/cluster/open-hosts.ts'
import { refuseTwins } from '../../../src/cluster/opening/one-machine.ts'
import { factsWith, host } from '../../preflight/subject.ts'

/** A host that says the id of its boot, and a MAC; undefined: it could not be read. */
function opened(
  name: string,
  address: string,
  machine: string | undefined,
  mac = '02:00:00:00:00:01',
): OpenedHost {
  const links = `2: eth0: <BROADCAST,UP>\\    link/ether ${mac} brd ff:ff:ff:ff:ff:ff`
  const addresses = '2: eth0    inet 10.0.0.1/24 scope global eth0'
  const facts = machine === undefined ? undefined : factsWith({ machine, links, addresses })
  const settings = { ...host.settings, addresses: [address] }
  return { host: { ...host, name, address, settings }, findings: [], link: undefined, facts }
}

describe('refuseTwins', () => {
  it('names two hosts that are one machine, on both, and what to do', () => {
    const [one, other, container, clone, lost, unknown, old] = refuseTwins([
      opened('node1', '192.0.2.11', 'boot-1'),
      opened('node9', '198.51.100.11', 'boot-1'),
      opened('container', '192.0.2.12', 'boot-1', '02:00:00:00:00:02'),
      opened('clone', '192.0.2.16', 'boot-2'),
      opened('lost', '192.0.2.13', undefined),
      opened('unknown', '192.0.2.14', ''),
      opened('old', '192.0.2.15', ''),
    ])
    expect(one?.findings).toEqual([
      {
        id: 'one-machine',
        result: {
          kind: 'fail',
          reason: 'node1 (192.0.2.11) and node9 (198.51.100.11) are one machine',
          remedy:
            'Keep one of the two names in the inventory. List all addresses of that machine there: `fw_addresses: [192.0.2.11, 198.51.100.11]`.',
        },
      },
    ])
    expect(other?.findings).toMatchObject([
      { result: { reason: 'node9 (198.51.100.11) and node1 (192.0.2.11) are one machine' } },
    ])
    for (const sound of [container, clone, lost, unknown, old]) expect(sound?.findings).toEqual([])
  })

  it.each([
    ['an IPv6 address alone', '2: tun0: <UP>\\    link/none', '2'],
    [
      'a MAC, not by a description',
      '1: lo: <UP>\\    link/loopback 00:00:00:00:00:00\\    alias link/ether none\n2: eth0: <UP>\\    link/ether 02:00:00:00:00:01',
      'e',
    ],
    ['a MAC alone', '2: eth0: <UP>\\    link/ether 02:00:00:00:00:01', 'e'],
  ])('knows a machine by %s', (_, links, prefix) => {
    const addr = (last: string) =>
      `${prefix === '2' ? 'fd' : 'fe80'}${'0'.repeat(prefix === '2' ? 29 : 27)}${last} 02 40 00 80    tun0`
    const at = (name: string, last: string, mac = links): OpenedHost => ({
      ...opened(name, `192.0.2.${last}`, 'boot-1'),
      facts: factsWith({ machine: 'boot-1', links: mac, addresses: '', ipv6: addr(last) }),
    })
    const other = links.replace('00:01', '00:02')
    const hosts = refuseTwins([at('one', '1'), at('twin', '1'), at('container', '2', other)])
    expect(hosts.map(({ findings }) => findings.length)).toEqual([1, 1, 0])
  })

  it('takes no machines for one of which neither address nor MAC is known', () => {
    const facts = factsWith({ machine: 'boot-1', links: '', addresses: '' })
    const hosts = ['one', 'other'].map((name) => ({ ...opened(name, '192.0.2.1', ''), facts }))
    expect(refuseTwins(hosts).flatMap(({ findings }) => findings)).toEqual([])
  })
})
