import { describe, expect, it } from 'vitest'
import { checkedValue } from '../../../src/inventory/variables/variable-check.ts'
import { hostIn, inventoryOf, problemsOf } from '../fault.ts'

const REFUSED: Record<string, readonly string[]> = {
  fw_interface: [
    '"; rm -rf /"',
    '"ens18\\n"',
    'abcdefghijklmnop',
    'eth+',
    'eth0:1',
    '.',
    '..',
    'a/b',
    '""',
    '[]',
    '[[a]]',
    '{a: b}',
    '-i',
    '',
    '[ens18, ens18]',
    '"ens18 "',
  ],
  fw_set: [
    '"; rm -rf /"',
    '"a\\nb"',
    'a2345678901234567890123456789012',
    '-x',
    'cali40all',
    'cali4x',
    'cali6x',
    'felix-4-x',
    'felix-masq-ipam-pools',
    'fw-run-x',
    '[a]',
    '""',
  ],
  fw_addresses: [
    '10.0.0.300',
    'fd00::1/64',
    '"::ffff:10.0.0.1"',
    '"::ffff:a00:1"',
    'fe80::1',
    'fe80::1%ens18',
    'ff02::1',
    '"::"',
    '"::1"',
    '010.0.0.1',
    '10.1',
    'node1',
    '127.0.0.1',
    '[224.0.0.1]',
    '255.255.255.255',
  ],
  fw_extra_members: ['10.0.0.0/8', '[10.0.0.1, 10.0.0.1]', '[fd00::1, "FD00:0::01"]'],
  fw_guard: ['table', 'NFT', '[nft]', ''],
  fw_position: ['0', '-1', '1.5', 'last', '1e3', '[1]'],
  fw_action: ['reject', 'ACCEPT', '[DROP]'],
  fw_pod_cidrs: [
    '10.0.0.0',
    '10.0.0.1/8',
    '0.0.0.0/0',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fd00::1',
    'fd00::1/64',
    'fd00::/129',
    '"::/0"',
    'fe80::/64',
    '8000::/1',
    '[fd00::/64, "fd00:0::/64"]',
  ],
  fw_services: ['closed', 'true'],
  fw_service_cidrs: ['10.96.0.1/12', 'fd00::1/108'],
  fw_published: ['yes', 'Allow'],
  fw_probes: [
    'x',
    '[tcp:n1:22]',
    '[tcp: n1]',
    '[tcp: "n1:0"]',
    '[tcp: "a b:1"]',
    '[http: "ftp://x/"]',
    '[http: "http://u:p@x/"]',
    '[command: ""]',
    '[{tcp: "a:1", http: "http://x/"}]',
    '[{}]',
    '[udp: "a:1"]',
  ],
  fw_accept: ['cluster-ip', 'position', 'leaving-members', '[cluster-ips, cluster-ips]', '{}'],
  ip: [
    ...['10.0.0.300', '10.0.0', 'fd00:1', '10.0.0.5/24', '10.0.0.1O', 'l0.0.0.5', '"10.0.0,5"'],
    ...['10.0.0.5;', '10.0.0.5:22', 'fd00::5/64', '"10.0.0.5 10.0.0.6"', 'abc:def'],
  ],
  access_ip: ['10.0.0.5.'],
  ip6: ['fd00::12345', '10.0.0.300'],
  ansible_host: ['"a b"', '"$(x)"', '10.0.0.300', '-oProxyCommand', '"a\\nb"'],
  ansible_port: ['0', '65536', 'ssh', '22.5'],
  ansible_user: ['"a b"', '"a\\nb"'],
  ansible_become: ['maybe', '2', 'constructor', '__proto__'],
  ansible_become_exe: ['sudo -E', '/opt/$(id)', '-n'],
  ansible_password: ['"a\\nb"', '[a]'],
  ansible_group_priority: ['high'],
}

describe(checkedValue.name, () => {
  for (const [name, values] of Object.entries(REFUSED)) {
    for (const value of values) {
      it(`refuses ${name}: ${value}`, () => {
        const text = `all:\n  hosts: {n1: {fw_addresses: 10.9.9.9}}\ng:\n  vars:\n    ${name}: ${value}\n  hosts: {n1: }\n`
        const [first, ...more] = problemsOf(text)
        expect(first).toMatch(new RegExp(`^inventory\\.yaml:5:\\d+: ${name}: `))
        expect(more).toEqual([])
      })
    }
  }

  it('warns of a value of Kubespray that adds no address, and takes spaces around one', () => {
    const warnings = (value: string) =>
      inventoryOf(`all: {hosts: {192.0.2.1: {access_ip: ${value}}}}`).warnings
    for (const value of ['[10.0.0.5]', '{a: 10.0.0.5}', 'eth0', 'node1.example', '127.0.0.1']) {
      expect(warnings(value), value).toEqual([
        expect.stringMatching(/^inventory\.yaml:1:38: access_ip: adds no address to the set/),
      ])
    }
    for (const value of ['', '""', 'fd00::5', '10.0.0.5']) expect(warnings(value)).toEqual([])
    const [host] = inventoryOf('all: {hosts: {n1: {ip: "10.0.0.5 "}}}').hosts
    expect(host?.settings.addresses).toEqual(['10.0.0.5'])
  })

  it('shows control characters escaped, and long values cut', () => {
    const text = (value: string) => `all: {hosts: {192.0.2.1: {fw_set: "${value}"}}}`
    expect(problemsOf(text('a\\u001b[31m'))[0]).toContain('"a\\u{1b}[31m"')
    expect(problemsOf(text('x'.repeat(5000)))[0]?.length).toBeLessThan(200)
  })
})

describe('an empty value', () => {
  const about = (variable: string, value: string) => `all:
  vars: {fw_interface: eth0, ${variable}: ${value}}
  hosts: {n1: {ansible_host: 10.0.0.1, ${variable}: ""}}`

  it.each([
    ...['ansible_user', 'ansible_password', 'ansible_ssh_private_key_file', 'ansible_ssh_pass'],
    ...['ansible_become_password', 'ansible_become_method', 'ansible_become_exe'],
    'ansible_become_user',
  ])('of %s is none, as for Ansible, and hides that of a group', (variable) => {
    const without = inventoryOf(
      'all: {vars: {fw_interface: eth0}, hosts: {n1: {ansible_host: 10.0.0.1}}}',
    )
    const value = variable.endsWith('exe') ? '/usr/bin/sudo' : 'sudo'
    expect(hostIn(inventoryOf(about(variable, value)), 'n1')).toEqual(hostIn(without, 'n1'))
  })

  it('that a template makes is none, too', () => {
    const text = `all:
  vars: {fw_interface: eth0, ansible_become_password: "{{ vault_pw | default('') }}"}
  hosts: {n1: {ansible_host: 10.0.0.1}}`
    expect(hostIn(inventoryOf(text), 'n1').becomePassword).toBeUndefined()
  })

  it.each(['ansible_host', 'ansible_port', 'ansible_connection'])(
    'of %s is refused',
    (variable) => {
      expect(problemsOf(about(variable, '22')).join()).toContain(variable)
    },
  )
})

it('does not take addresses of OpenStack for a slip', () => {
  const text = `all:
  vars: {fw_interface: eth0}
  hosts: {n1: {ansible_host: 10.0.0.1, access_ip_v4: 10.0.0.1, access_ip_v6: ""}}`
  expect(inventoryOf(text).warnings).toEqual([])
})

describe('a value that fw-run cannot use', () => {
  const elsewhere = (lines: string) => `all:
  vars: {fw_interface: eth0}
  children:
    office:
      hosts:
        w1: {ansible_host: 10.0.9.9${lines && `, ${lines}`}}
    k8s_cluster: {hosts: {n1: {ansible_host: 10.0.0.1}}}
`
  const odd = [
    'ansible_user: "CORP svc"',
    'ansible_ssh_extra_args: "-R 1:localhost:1"',
    'ip: 10.0.9.7/24',
    `ansible_user: "{{ 'a b' }}"`,
  ]

  it.each(odd)('is no fault of a host outside the cluster: %s', (line) => {
    expect(inventoryOf(elsewhere(line)).hostsToProtect.map(({ name }) => name)).toEqual(['n1'])
    const atNode = elsewhere('').replace('10.0.0.1', `10.0.0.1, ${line}`)
    expect(problemsOf(atNode).join()).toContain(line.split(':')[0])
  })

  it('is none where another value takes its place', () => {
    const text = elsewhere('').replace('eth0}', 'eth0, ansible_port: ssh}')
    expect(problemsOf(text).join()).toContain('ansible_port')
    const replaced = text.replaceAll(
      /ansible_host: (\S+?)([,}])/g,
      'ansible_host: $1, ansible_port: 22$2',
    )
    expect(hostIn(inventoryOf(replaced), 'n1').port).toBe(22)
  })

  it('is one everywhere for a variable of fw-run', () => {
    expect(problemsOf(elsewhere('fw_guard: table')).join()).toContain('fw_guard')
  })
})
