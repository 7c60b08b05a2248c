import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseInventory } from '../../../src/inventory/load.ts'
import {
  demandNewFile,
  type FirstAnswers,
  listOfHosts,
  renderFirstInventory,
  writeNewFile,
} from '../../../src/inventory/writing/first-inventory.ts'
import { faultOf, inventoryOf } from '../fault.ts'

/** What an inventory becomes if `init` takes it as its source, without comments. */
function copied(
  text: string,
  user?: string,
  guardOf: FirstAnswers['guardOf'] = () => 'auto',
): string {
  const inventory = inventoryOf(text)
  return renderFirstInventory(inventory, {
    ...{ source: 'a test', user, privateKey: undefined, guardOf },
    interfacesOf: ({ settings }) => settings.interfaces,
  }).replace(/^ *#.*\n/gm, '')
}

describe('renderFirstInventory', () => {
  it('shares what all hosts have, and keeps what single ones have', () => {
    const text = `all:
  vars: { fw_interface: ens18, fw_extra_members: [192.0.2.9], ansible_password: geheim }
  hosts:
    node1: { ansible_host: 192.0.2.1, ansible_user: ops, ip: 10.0.0.1 }
    192.0.2.2: { ansible_port: 2222, ansible_ssh_args: -o Port=99, ansible_ssh_common_args: -J ops@gate }
`
    const first = copied(text, 'admin')
    expect(first).toBe(`all:
  vars:
    fw_interface: ens18
    fw_guard: auto
    fw_extra_members: [192.0.2.9]
  hosts:
    node1: { ansible_host: 192.0.2.1, ansible_user: ops, fw_addresses: [10.0.0.1, 192.0.2.1] }
    192.0.2.2: { ansible_port: 2222, ansible_user: admin, ansible_ssh_args: -o Port=99, ansible_ssh_common_args: -o ProxyJump=ops@gate }
`)
    // Read back, it says the same of each host.
    const [before, after] = [text, first].map((one) => inventoryOf(one).hostsToProtect)
    for (const [index, { address, port, sshOptions, settings }] of (before ?? []).entries()) {
      expect(after?.[index]).toMatchObject({ address, port, sshOptions })
      expect(after?.[index]?.settings.addresses).toEqual(settings.addresses)
    }
  })

  it('writes the address of a host that is named by it and reached by another name', () => {
    const text = 'all: {hosts: {10.0.0.1: {ansible_host: node1.example, fw_addresses: 10.0.0.1}}}\n'
    const first = copied(text)
    expect(first).toContain('10.0.0.1: { ansible_host: node1.example, fw_addresses: [10.0.0.1] }')
    expect(inventoryOf(first).hosts[0]?.settings.addresses).toEqual(['10.0.0.1'])
  })

  it('keeps how to become root, and every setting that is no default', () => {
    const text = `all:
  vars:
    ansible_become_method: su
    ansible_become_exe: /bin/su
    ansible_ssh_private_key_file: /root/key
    fw_interface: ens18
    fw_guard: nft
    fw_persist: true
    fw_set: nodes
    fw_position: 3
    fw_action: DROP
    fw_services: open
    fw_published: allow
    fw_probes: [{tcp: "[2001:db8::1]:6443"}, {http: "https://192.0.2.9/"}, {command: "dig @192.0.2.9 a"}]
    fw_accept: [saved-rules]
  hosts:
    192.0.2.1: {ansible_connection: local, fw_action: REJECT}
    192.0.2.2: {ansible_become_method: sudo, ansible_become_exe: sudo, ansible_become_flags: -H -r sysadm_r}
`
    const [before, after] = [text, copied(text)].map((one) => inventoryOf(one).hostsToProtect)
    const plain = (hosts: typeof before) =>
      hosts?.map(({ settings, ...host }) => ({
        ...host,
        settings: {
          ...settings,
          guard: undefined,
          probes: settings.probes.map(({ probe }) => probe),
        },
      }))
    expect(plain(after)).toEqual(plain(before))
  })

  it('gives each host its own guard where they differ', () => {
    const text = `all:
  hosts:
    192.0.2.1: { fw_guard: nft }
    192.0.2.2: { fw_guard: forward }
    192.0.2.3:
`
    const guardsIn = (one: string) => inventoryOf(one).hosts.map((host) => host.settings.guard)
    const first = copied(text, undefined, ({ settings }) => settings.guard)
    expect(guardsIn(first)).toEqual(['nft', 'forward', 'forward'])
    expect(guardsIn(first)).toEqual(guardsIn(text))
  })

  it('takes nodes that are not to be protected as extra members', () => {
    const text =
      'all:\n  hosts: { a: { ansible_host: 192.0.2.1 }, b: { ansible_host: 192.0.2.2 } }\n  vars: { fw_group: w }\n  children: { w: { hosts: { a: } } }\n'
    expect(copied(text)).toContain(
      '    fw_extra_members: [192.0.2.2]\n  hosts:\n    a: { ansible_host',
    )
  })

  it('has comments for all that is not set, and is an inventory', () => {
    const inventory = inventoryOf('all:\n  hosts: { 192.0.2.1: }\n')
    const answers: FirstAnswers = {
      source: 'x',
      user: undefined,
      privateKey: '/root/key',
      guardOf: () => 'forward',
      interfacesOf: () => [],
    }
    const text = renderFirstInventory(inventory, answers)
    expect(text).toMatch(/\n {4}# ansible_user: ops\n[\s\S]*\n {4}# fw_interface: ens18\n/)
    expect(parseInventory(text, 'x.yaml', { extraVars: [] }).hosts).toMatchObject([
      { address: '192.0.2.1', settings: { guard: 'forward' } },
    ])
  })

  it('refuses what it cannot say', () => {
    const args = `ansible_ssh_common_args: "-o ProxyCommand='ssh -W %h:%p gate'"`
    const text = `all:\n  hosts: { 192.0.2.1: { ${args} } }\n`
    expect(faultOf(() => copied(text)).message).toMatch(
      /192\.0\.2\.1 has SSH options that init cannot copy/,
    )
  })
})

describe('writeNewFile', () => {
  it('keeps the mode of the file that it replaces, and the link to it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fw-run-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [file, link] = [join(folder, 'cluster.yaml'), join(folder, 'link.yaml')]
    writeFileSync(file, 'old')
    chmodSync(file, 0o600)
    symlinkSync('cluster.yaml', link)
    await demandNewFile(link, true)
    await writeNewFile(link, 'new', true)
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['cluster.yaml', 'link.yaml'])
  })
})

describe('listOfHosts', () => {
  it.each([
    ['192.0.2.11 192.0.2.12, node3', { list: '192.0.2.11,192.0.2.12,node3,' }],
    [' node1 ', { list: 'node1,' }],
    [' , ', { fault: 'Name at least one host.' }],
    ['a b!c', { fault: expect.stringContaining('b!c: a host name must not') }],
    ['node[1:3]', { fault: 'node[1:3] is not the name of a host' }],
  ])('of %j is %j', (words, list) => {
    expect(listOfHosts(words)).toEqual(list)
  })
})
