import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseInventory } from '../../src/inventory/load.ts'
import { asGiven } from '../../src/inventory/settings.ts'
import { faultOf, hostIn, inventoryOf, problemsOf } from './fault.ts'

describe('parseInventory', () => {
  it('fills in the defaults of a bare host', () => {
    const inventory = inventoryOf('all:\n  hosts:\n    192.0.2.11:\n')
    expect(inventory.group).toBe('all')
    expect(hostIn(inventory, '192.0.2.11')).toEqual({
      name: '192.0.2.11',
      address: '192.0.2.11',
      port: undefined,
      user: undefined,
      password: undefined,
      privateKeyFile: undefined,
      become: undefined,
      becomePassword: undefined,
      groups: [],
      settings: {
        interfaces: [],
        guard: 'forward',
        persist: false,
        set: 'cluster_nodes',
        addresses: ['192.0.2.11'],
        extraMembers: [],
        position: 'auto',
        action: 'REJECT',
        podCidrs: [],
        services: 'close',
        serviceCidrs: [],
        published: undefined,
        probes: [],
        accept: [],
      },
    })
  })

  it('takes a host named in several groups for one, with what each says of it', () => {
    const inventory = inventoryOf(`
all:
  hosts:
    n1: {ansible_host: 192.0.2.11}
    n2: {ansible_host: 192.0.2.12}
  children:
    a: {hosts: {n1: {fw_set: early, ansible_port: 2222}}}
    b: {hosts: {n1: {fw_set: late}}}
`)
    expect(inventory.hosts.map(({ name }) => name)).toEqual(['n1', 'n2'])
    const host = hostIn(inventory, 'n1')
    expect(host).toMatchObject({ address: '192.0.2.11', port: 2222, groups: ['a', 'b'] })
    expect(host.settings.set).toBe('late')
  })

  it('reads the spellings of Ansible: yes, aliases of passwords, a port glued to the name', () => {
    const inventory = inventoryOf(`
all:
  vars:
    ansible_ssh_user: ops
    ansible_ssh_pass: 0123
    ansible_become: yes
    ansible_become_pass: "sesame"
  hosts:
    192.0.2.11:2222:
`)
    const host = hostIn(inventory, '192.0.2.11')
    expect(host).toMatchObject({ port: 2222, user: 'ops', become: true })
    expect(host.password?.reveal()).toBe('0123')
    expect(host.becomePassword?.reveal()).toBe('sesame')
    expect(inspect(inventory, { depth: 9 })).not.toMatch(/0123|sesame/)
  })

  it.each([
    ['', 'by-sudo'],
    ['ansible_become_method: su, ', 'by-su'],
    ['ansible_become_method: community.general.doas, ', 'by-doas'],
  ])('takes the password that has the method in its name, as Ansible does: %s%s', (method, own) => {
    const inventory = inventoryOf(`all: {hosts: {192.0.2.1: {${method}
  ansible_sudo_pass: by-sudo, ansible_su_pass: by-su, ansible_doas_pass: by-doas, ansible_become_pass: old}}}`)
    expect(hostIn(inventory, '192.0.2.1').becomePassword?.reveal()).toBe(own)
    expect(inspect(inventory, { depth: 9 })).not.toMatch(/by-|old/)
  })

  it.each(['sudo', 'su', 'doas'])('prefers the names of %s alone, as Ansible does', (method) => {
    const { hosts } = inventoryOf(`
all:
  vars: {ansible_become_method: ${method}, ansible_become_pass: old, ansible_become_password: old, ansible_become_exe: x}
  hosts:
    192.0.2.1: {ansible_${method}_pass: right, ansible_${method}_exe: /opt/${method}}
    192.0.2.2: {ansible_${method === 'su' ? 'sudo' : 'su'}_pass: !vault other}
`)
    expect(hosts.map(({ becomePassword }) => becomePassword?.reveal())).toEqual(['right', 'old'])
    expect(hosts.map(({ rootWay }) => rootWay?.program)).toEqual([`/opt/${method}`, 'x'])
  })

  it('refuses another user than root, and options, under the names of one method, too', () => {
    const set = (name: string, value: string) =>
      problemsOf(`all: {hosts: {192.0.2.1: {${name}: ${value}}}}`).join()
    expect(set('ansible_sudo_user', 'ops')).toContain('ansible_sudo_user: "ops" is not supported')
    expect(set('ansible_sudo_flags', '-u ops')).toContain('ansible_sudo_flags: "-u" is not')
  })

  it('follows anchors, aliases and merge keys, own keys winning', () => {
    const inventory = inventoryOf(`
common: &common
  vars: &vars {fw_interface: ens18, fw_set: shared}
all:
  vars:
    <<: *vars
    fw_set: own
  hosts:
    n1: &host {ansible_host: 192.0.2.11, ansible_port: 2222}
    n2: {<<: *host, ansible_host: 192.0.2.12}
`)
    expect(hostIn(inventory, 'n2')).toMatchObject({
      address: '192.0.2.12',
      port: 2222,
      settings: { interfaces: ['ens18'], set: 'own' },
    })
  })

  it('finds keys in the home directory, or relative to the working directory', () => {
    const { hosts } = inventoryOf(`
all:
  hosts:
    192.0.2.1: {ansible_ssh_private_key_file: keys/id}
    192.0.2.2: {ansible_private_key_file: ~/.ssh/id}
`)
    expect(hosts.map(({ privateKeyFile }) => privateKeyFile)).toEqual([
      resolve('keys/id'),
      resolve(process.env.HOME ?? '', '.ssh/id'),
    ])
  })

  it('lets foreign variables be, templates and vaults in them included', () => {
    const inventory = inventoryOf(`
all:
  vars:
    kube_version: "{{ v }}"
    secret: !vault abc
    etcd: {{ x }}
    ansible_python_interpreter: /usr/bin/python3
  hosts: {192.0.2.11: {etcd_member_name: etcd1}}
`)
    expect(inventory.warnings).toEqual([])
  })

  it('warns, with the location, of what has no effect', () => {
    const { warnings } = inventoryOf(`all:
  vars: {ansible_ssh_executable: /opt/ssh}
  hosts: {192.0.2.11: }
  stuff: {a: 1}
`)
    expect(warnings).toEqual([
      'inventory.yaml:2:10: ansible_ssh_executable: not used; fw-run has its own SSH client, or uses the ssh of this machine',
      'inventory.yaml:4:3: "stuff" in group "all" is ignored: a group has only hosts, children and vars',
    ])
  })

  it('lets hosts that are not to be protected be reached in other ways', () => {
    const inventory = inventoryOf(`
all:
  hosts:
    localhost: {ansible_connection: local}
  children:
    k8s_cluster: {hosts: {192.0.2.11: }}
`)
    expect(inventory.hostsToProtect.map(({ name }) => name)).toEqual(['192.0.2.11'])
  })

  it('refuses a host of the cluster without an address, also where it is not to be protected', () => {
    const text = `
all: {vars: {fw_group: workers}}
k8s_cluster:
  hosts:
    cp1: {ansible_host: cp1.example}
    cp2: {ansible_host: 192.0.2.2}
  children:
    workers: {hosts: {w1: {ansible_host: 192.0.2.1}}}
`
    const fault =
      'inventory.yaml:5:5: host "cp1" has no IPv4 address for the set: protected hosts would stop its packets. If it is no node of the cluster,'
    expect(problemsOf(text)).toEqual([`${fault} take it out of group k8s_cluster`])
    expect(problemsOf(text.replace('k8s_cluster', 'cluster'))).toEqual([
      `${fault} make a group k8s_cluster that has only the nodes`,
    ])
    const inventory = inventoryOf(text.replace('cp1.example', '192.0.2.3'))
    expect(inventory.hostsToProtect.map(({ name }) => name)).toEqual(['w1'])
    expect(inventory.nodes.map(({ name }) => name)).toEqual(['cp1', 'cp2', 'w1'])
  })

  it('counts a node of the cluster that has IPv6 only where some guard has a use for it', () => {
    const text = (guard: string) => `
all: {vars: {fw_group: workers}}
k8s_cluster:
  hosts: {cp1: {ansible_host: cp1.example, ip6: "fd00::1"}}
  children:
    workers: {vars: {fw_guard: ${guard}}, hosts: {w1: {ansible_host: 192.0.2.1}}}
`
    expect(inventoryOf(text('nft')).nodes.map(({ name }) => name)).toEqual(['cp1', 'w1'])
    const useless = 'host cp1 has no IPv4 address for the set'
    expect(inventoryOf(text('nft')).warnings.join()).not.toContain(useless)
    expect(inventoryOf(text('forward')).nodes.map(({ name }) => name)).toEqual(['w1'])
    expect(inventoryOf(text('forward')).warnings.join()).toContain(useless)
  })

  it('asks for an IPv6 address of Kubespray that cannot be read only where the guard has a use for it', () => {
    const text = (guard: string) =>
      `all: {vars: {fw_guard: ${guard}}, hosts: {192.0.2.1: {ip6: "{{ x }}"}}}`
    expect(inventoryOf(text('forward')).warnings).toEqual([])
    expect(faultOf(() => inventoryOf(text('nft')))).toMatchObject({
      message:
        'inventory.yaml:1:55: ip6: uses the variable x, which the inventory does not define for 192.0.2.1',
      remedy: 'Write a plain value for ip6.',
    })
  })

  it('counts a password that cannot be read as not given where one is asked for', () => {
    const text = `all:
  vars: {ansible_password: !vault x, ansible_become_pass: "{{ y }}"}
  hosts: {n1: {ansible_host: 192.0.2.1}}
`
    const parse = (flags: { askPass?: boolean; askBecomePass?: boolean }) =>
      parseInventory(text, 'i.yaml', { extraVars: [], ...flags })
    expect(parse({ askPass: true, askBecomePass: true }).nodes).toMatchObject([
      { password: undefined, becomePassword: undefined },
    ])
    const vault = 'i.yaml:2:35: ansible_password: is encrypted with ansible-vault'
    const template = 'i.yaml:2:59: ansible_become_pass: has a template that fw-run cannot evaluate'
    expect(faultOf(() => parse({ askBecomePass: true })).message).toBe(vault)
    expect(faultOf(() => parse({ askPass: true }))).toMatchObject({
      message: template,
      remedy: 'Give that password with -K instead of ansible_become_pass.',
    })
    expect(faultOf(() => parse({}))).toMatchObject({
      message: `${vault}\n${template}`,
      remedy: expect.stringContaining('Give the SSH password with -k instead of ansible_password.'),
    })
  })

  it('asks what can be read only of nodes, and only where no nearer definition replaces it', () => {
    const inventory = inventoryOf(`
all: {vars: {fw_set: "{{ x }}", ansible_port: !vault y}}
k8s_cluster:
  hosts: {n1: {ansible_host: 192.0.2.1, fw_set: a, ansible_port: 22}}
other: {hosts: {n2: {ansible_host: "{{ z }}"}}}
`)
    expect(hostIn(inventory, 'n1')).toMatchObject({ port: 22, settings: { set: 'a' } })
    expect(inventory.warnings).toEqual([])
  })

  it('lets variables, hosts and groups be called as parts of JavaScript are', () => {
    const inventory = inventoryOf(`
all:
  vars: {__proto__: 1, hasOwnProperty: 2, constructor: {}, valueOf: , toString: !vault x}
  hosts: {constructor: {ansible_host: 192.0.2.1, __proto__: {fw_set: x}}}
__proto__: {hosts: {hasOwnProperty: {ansible_host: 192.0.2.2}}}
`)
    expect(inventory.warnings).toEqual([])
    expect(inventory.hosts.map(({ name }) => name)).toEqual(['constructor', 'hasOwnProperty'])
    expect(inventory.groups.get('__proto__')).toEqual(['hasOwnProperty'])
    expect(hostIn(inventory, 'constructor').settings.set).toBe('cluster_nodes')
  })

  it('does not count loopback and forwarded addresses as faults', () => {
    const inventory = inventoryOf(`
all:
  vars: {ansible_host: 127.0.0.1}
  hosts:
    n1: {ansible_port: 2201, ip: 10.0.0.1}
    n2: {ansible_port: 2202, ip: 10.0.0.2}
`)
    expect(inventory.hosts.map(({ settings }) => settings.addresses)).toEqual([
      ['10.0.0.1'],
      ['10.0.0.2'],
    ])
  })

  it('reads CRLF, a byte order mark and JSON', () => {
    expect(inventoryOf('\uFEFFall:\r\n  hosts:\r\n    192.0.2.1:\r\n').hosts).toHaveLength(1)
    expect(inventoryOf('{"all": {"hosts": {"192.0.2.1": {}}}}').hosts).toHaveLength(1)
  })

  it('reads every setting, from texts, lists and mappings', () => {
    const inventory = inventoryOf(`
all:
  hosts:
    n1:
      fw_interface: [ens18, bond0.100]
      fw_guard: nft
      fw_set: nodes
      fw_addresses: 10.0.0.1
      fw_extra_members: [10.0.0.9]
      fw_position: 12
      fw_action: DROP
      fw_pod_cidrs: 10.233.64.0/18
      fw_services: open
      fw_service_cidrs: [10.233.0.0/18, "FD00:64:0::/112"]
      fw_published: block
      fw_probes: [tcp: "n1:6443", http: "https://n1/healthz", command: kubectl get nodes]
      fw_accept: cluster-ips
      fw_persist: yes
`)
    expect(hostIn(inventory, 'n1').settings).toEqual({
      interfaces: ['ens18', 'bond0.100'],
      guard: 'nft',
      persist: true,
      set: 'nodes',
      addresses: ['10.0.0.1'],
      extraMembers: ['10.0.0.9'],
      position: 12,
      action: 'DROP',
      podCidrs: ['10.233.64.0/18'],
      services: 'open',
      serviceCidrs: ['10.233.0.0/18', 'fd00:64::/112'],
      published: 'block',
      probes: [
        { probe: { kind: 'tcp', host: 'n1', port: 6443 }, location: 'inventory.yaml:16:19' },
        { probe: { kind: 'http', url: 'https://n1/healthz' }, location: 'inventory.yaml:16:35' },
        {
          probe: { kind: 'command', command: 'kubectl get nodes' },
          location: 'inventory.yaml:16:63',
        },
      ],
      accept: ['cluster-ips'],
    })
  })

  it('remembers what the command line gave, and what to call it', () => {
    const text = 'all: {hosts: {n1: {ansible_host: 192.0.2.1, fw_set: x, fw_interface: ens18}}}'
    const given = (extraVars: readonly string[], flag?: string) => {
      const inventory = parseInventory(text, 'i.yaml', { extraVars, interface: flag })
      const { settings } = hostIn(inventory, 'n1')
      const names = ['fw_interface', 'fw_position', 'fw_set'] as const
      return [settings.interfaces, ...names.map((name) => asGiven(settings, name))]
    }
    const inFile = ['fw_interface', 'fw_position', 'fw_set']
    expect(given([])).toEqual([['ens18'], ...inFile])
    expect(given([], 'eth9')).toEqual([['eth9'], '--interface', ...inFile.slice(1)])
    expect(given(['fw_interface=eth8', 'fw_position=3'])).toEqual([
      ['eth8'],
      '-e fw_interface',
      '-e fw_position',
      'fw_set',
    ])
    expect(given(['{"fw_interface": "eth8"}'], 'eth9')[0]).toEqual(['eth9'])
  })
})
