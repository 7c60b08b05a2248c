import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadInventory } from '../../src/inventory/load.ts'
import { faultOfAsync, hostIn } from './fault.ts'

describe('group_vars and host_vars beside an inventory', () => {
  let root = ''
  let folder = ''
  let count = 0
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'fw-run-vars-'))
  })
  afterAll(() => rm(root, { recursive: true }))
  beforeEach(() => {
    count += 1
    folder = join(root, String(count))
  })

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    const all = { 'hosts.yml': 'g: {hosts: {n1: {ansible_host: 192.0.2.1}}}\n', ...files }
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  }

  const load = (flags: { askBecomePass?: boolean; extraVars?: readonly string[] } = {}) =>
    loadInventory([join(folder, 'hosts.yml')], { extraVars: [], ...flags })

  it('set what the inventory file leaves open, and win over its groups', async () => {
    await write({
      'hosts.yml': `
all: {vars: {fw_set: all, fw_interface: eth0, ansible_user: inv}}
g: {hosts: {n1: {ansible_host: 192.0.2.1, ansible_port: 2222}}, vars: {ansible_user: inv}}
`,
      'group_vars/all.yml': 'ansible_user: all\nfw_interface: eth1\nansible_port: 2223\n',
      'group_vars/g/net.yaml': 'fw_interface: eth2\n',
      'host_vars/n1': 'fw_set: own\n',
    })
    const host = hostIn(await load(), 'n1')
    expect(host).toMatchObject({ user: 'all', port: 2222 })
    expect(host.settings).toMatchObject({ interfaces: ['eth2'], set: 'own' })
  })

  it('count for k8s_cluster where fw-run makes that group, as in a run of Kubespray', async () => {
    await write({
      'hosts.yml': `
kube_control_plane: {hosts: {n1: {ansible_host: 192.0.2.1}}}
kube_node: {hosts: {n2: {ansible_host: 192.0.2.2}}}
rack: {hosts: {n1: , n2: }}
`,
      'group_vars/all/all.yml': 'fw_interface: eth0\n',
      'group_vars/k8s_cluster/k8s-cluster.yml':
        'fw_interface: eth1\nfw_extra_members: [192.0.2.9]\n',
      'group_vars/kube_node.yml': 'fw_interface: eth2\nfw_set: node\n',
      'group_vars/rack.yml': 'fw_set: rack\n',
    })
    const inventory = await load()
    // As beside group_by: of the groups of one depth, the last name in the alphabet wins.
    expect(inventory.hostsToProtect.map(({ settings }) => settings)).toMatchObject([
      { interfaces: ['eth1'], set: 'rack', extraMembers: ['192.0.2.9'] },
      { interfaces: ['eth2'], set: 'rack', extraMembers: ['192.0.2.9'] },
    ])
  })

  it('that cannot be read are faults, each at its place', async () => {
    await write({
      'group_vars/all/a.yml': 'fw_interfaces: eth1\n',
      'group_vars/locked/g.yml': 'a: 1\n',
    })
    await mkdir(join(folder, 'host_vars'))
    await symlink('n1', join(folder, 'host_vars/n1'))
    await symlink('loop.yml', join(folder, 'group_vars/all/loop.yml'))
    await symlink('locked/g.yml', join(folder, 'group_vars/g'))
    // Its names can be listed, but not entered.
    await chmod(join(folder, 'group_vars/locked'), 0o744)
    for (const path of [root, folder, join(folder, 'group_vars'), join(folder, 'host_vars')])
      await chmod(path, 0o755)
    const isRoot = process.geteuid?.() === 0
    // Root may read everything, so it becomes nobody for as long as it tries.
    if (isRoot) process.seteuid?.(65534)
    else await chmod(join(folder, 'group_vars/locked'), 0o644)
    const { message, remedy } = await faultOfAsync(load()).finally(() => {
      if (isRoot) process.seteuid?.(0)
    })
    await chmod(join(folder, 'group_vars/locked'), 0o755)
    expect(message.replaceAll(folder, '').split('\n').sort()).toEqual([
      expect.stringMatching(/^\/group_vars\/all\/a\.yml:1:1: "fw_interfaces" is not a variable/),
      '/group_vars/all/loop.yml: this link leads to itself',
      '/group_vars/g: this user cannot read the file (EACCES)',
      '/host_vars/n1: this link leads to itself',
    ])
    expect(remedy).toContain('Delete the link')
  })

  it('are named in faults and warnings, each file by itself', async () => {
    await write({
      'group_vars/all.yml': '---\nfw_interfaces: eth1\n',
      'group_vars/g.yml': 'a: 1\nfw_action: MAYBE\nansible_ssh_args: -C\n',
      'host_vars/n1.json': '{"fw_set": "a b"}',
    })
    const { message } = await faultOfAsync(load())
    expect(message.replaceAll(folder, '').split('\n')).toEqual([
      expect.stringMatching(/^\/group_vars\/all\.yml:2:1: "fw_interfaces" is not a variable/),
      expect.stringMatching(/^\/group_vars\/g\.yml:2:12: fw_action: "MAYBE"/),
      expect.stringMatching(/^\/host_vars\/n1\.json:1:12: fw_set: "a b" is not an ipset name/),
    ])
  })

  it('must be mappings', async () => {
    await write({ 'group_vars/all.yml': '- a\n', 'host_vars/n1': 'words\n' })
    const { message, remedy } = await faultOfAsync(load())
    expect(message.replaceAll(folder, '').split('\n')).toEqual([
      '/group_vars/all.yml:1:1: must be a mapping of names to values',
      '/host_vars/n1:1:1: must be a mapping of names to values',
    ])
    expect(remedy).toBe('Write each as "name: value".')
  })

  it('may be broken YAML, and the file is named', async () => {
    await write({ 'group_vars/all.yml': 'a: [1\nb: 2\n' })
    const { message } = await faultOfAsync(load())
    expect(message).toContain('group_vars/all.yml:1:4: not YAML: this [ is not closed')
  })

  it('may be encrypted where fw-run needs nothing of it: with a warning', async () => {
    await write({ 'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n' })
    const { warnings } = await load()
    expect(warnings).toEqual([
      expect.stringContaining('vault.yml: is encrypted with ansible-vault'),
    ])
  })

  it('may have encrypted values: refused only where they are needed', async () => {
    await write({
      'group_vars/all.yml': 'db_password: !vault x\nansible_become_password: !vault y\n',
    })
    expect((await load({ askBecomePass: true })).warnings).toEqual([])
    const { message, remedy } = await faultOfAsync(load())
    expect(message).toMatch(/group_vars\/all\.yml:2:33: ansible_become_password: is encrypted/)
    expect(remedy).toContain('-K')
  })

  it('choose the group to protect only for all hosts', async () => {
    await write({
      'hosts.yml': 'g: {hosts: {192.0.2.1: }}\nh: {hosts: {192.0.2.2: }}\n',
      'group_vars/all.yml': 'fw_group: h\n',
    })
    expect((await load()).hostsToProtect.map(({ name }) => name)).toEqual(['192.0.2.2'])
    await write({ 'group_vars/g.yml': 'fw_group: g\n' })
    expect((await faultOfAsync(load())).message).toMatch(
      /group_vars\/g\.yml:1:1: fw_group can be set only once/,
    )
  })

  it('warn where they have no effect', async () => {
    await write({
      'hosts.yml': 'k8s_cluster: {hosts: {n1: {ansible_host: 192.0.2.1}}}\n',
      'group_vars/k8s-cluster.yml': 'fw_set: x\n',
      'group_vars/unrelated.yml': 'x: 1\n',
      'group_vars/all': 'ansible_group_priority: 3\n',
      'group_vars/all.yml': 'fw_set: y\n',
      host_vars: 'a file',
    })
    const { warnings, hosts } = await load()
    expect(hosts[0]?.settings.set).toBe('cluster_nodes')
    expect(warnings.map((one) => one.replace(folder, ''))).toEqual([
      '/group_vars/all.yml: is not read, because all exists',
      expect.stringMatching(/^\/group_vars\/k8s-cluster\.yml: is not read: .*"k8s_cluster"\?$/),
      expect.stringMatching(
        /^\/group_vars\/all:1:1: ansible_group_priority has no effect in this file/,
      ),
      '/host_vars: is not a directory: it is not read',
    ])
  })

  it('warn of a file that is nearly called as a host', async () => {
    await write({
      'hosts.yml': 'g: {hosts: {node1: {ansible_host: 192.0.2.1}}}\n',
      'host_vars/nod1.yml': 'fw_set: x\n',
    })
    const { warnings } = await load()
    expect(warnings).toEqual([
      expect.stringMatching(/host_vars\/nod1\.yml: is not read: .*"node1"\?$/),
    ])
  })

  it('may lead in a circle, which is refused', async () => {
    await write({ 'group_vars/all/a.yml': 'a: 1\n' })
    await symlink('.', join(folder, 'group_vars/all/again'))
    const { message } = await faultOfAsync(load())
    expect(message).toMatch(/more than 10 directories inside each other$/)
  })

  it('beside a playbook are named, if they set what fw-run needs: they are not read', async () => {
    await write({
      'site/inventory/hosts.yml': 'g: {hosts: {n1: {ansible_host: 192.0.2.1}}}\n',
      'site/group_vars/g.yml': 'fw_extra_members: [192.0.2.9]\nntp: a\nansible_user: ops\n',
      'site/group_vars/all/x.yml': 'ntp: b\n',
      'site/host_vars/n9.yml': 'fw_set: other\n',
      'group_vars/other.yml': 'fw_set: other\n',
    })
    const at = (path: string) => join(folder, 'site', path)
    const cwd = vi.spyOn(process, 'cwd')
    onTestFinished(() => cwd.mockRestore())
    const warningsIn = async (directory: string, file: string) => {
      cwd.mockReturnValue(directory)
      const { warnings } = await loadInventory([file], { extraVars: [] })
      return warnings
    }
    const warning = `${at('group_vars')}: is not read, because it is not beside an inventory that fw-run reads. Ansible reads it for playbooks in ${at('.')}. It sets fw_extra_members, ansible_user. `
    for (const directory of [at('.'), folder, '/'])
      expect(await warningsIn(directory, at('inventory/hosts.yml')), directory).toEqual([
        expect.stringContaining(warning),
      ])
    await write({ 'site/hosts.yml': 'g: {hosts: {n1: {ansible_host: 192.0.2.1}}}\n' })
    expect(await warningsIn(at('.'), at('hosts.yml'))).toEqual([])
    expect(await warningsIn(at('.'), 'n1,192.0.2.1,').catch(() => [])).toEqual([])
  })

  it('have key files relative to the working directory as in Ansible, or else to the inventory', async () => {
    await write({
      'group_vars/all/ssh.yml': 'ansible_ssh_private_key_file: keys/id\n',
      'top/a': '',
    })
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(join(folder, 'top'))
    onTestFinished(() => cwd.mockRestore())
    const key = async () => {
      const { hosts, warnings } = await load()
      return [hosts[0]?.privateKeyFile?.replace(`${folder}/`, ''), warnings.length]
    }
    expect(await key()).toEqual(['top/keys/id', 0])
    await write({ 'keys/id': '' })
    expect(await key()).toEqual(['keys/id', 0])
    await write({ 'top/keys/id': '' })
    expect(await key()).toEqual(['top/keys/id', 1])
    expect((await load()).warnings[0]).toContain(
      `uses the one in the working directory: ${folder}/top/keys/id. To use the other one, write its absolute path: ${folder}/keys/id`,
    )
    cwd.mockReturnValue(folder)
    expect(await key()).toEqual(['keys/id', 0])
  })

  it('are read for 1,000 hosts without taking long', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`)
    const address = (index: number) => `10.0.${index >> 8}.${index & 255}`
    const line = (name: string, index: number) => `    ${name}: {ansible_host: ${address(index)}}\n`
    await write({
      'hosts.yml': `g:\n  hosts:\n${names.map(line).join('')}`,
      'group_vars/all.yml': 'fw_interface: ens18\nkube_version: "{{ v }}"\nv: 1\n',
      'group_vars/g.yml': 'ansible_user: ops\n',
    })
    for (const [index, name] of names.entries()) {
      await write({ [`host_vars/${name}.yml`]: `ip: 10.1.${index >> 8}.${index & 255}\nx: 1\n` })
    }
    await write({ 'hosts.yml': `g:\n  hosts:\n${names.map(line).join('')}` })
    const before = process.cpuUsage()
    const { hosts } = await load()
    const { user, system } = process.cpuUsage(before)
    expect(hosts[999]).toMatchObject({ user: 'ops', settings: { interfaces: ['ens18'] } })
    // On an idle machine it takes less than 1 s.
    expect((user + system) / 1e6).toBeLessThan(10)
  })
})
