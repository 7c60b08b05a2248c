import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadInventory } from '../../../src/inventory/load.ts'
import {
  editableInventory,
  editHosts,
  type HostChange,
  verifyEdit,
} from '../../../src/inventory/writing/edit-hosts.ts'
import { parseNewHost } from '../../../src/inventory/writing/new-host.ts'
import { faultOfAsync } from '../fault.ts'

const folder = mkdtempSync(join(tmpdir(), 'fw-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The text of an inventory after a change, as `hosts add` and `hosts remove` make it. */
async function edited(text: string, change: HostChange, name = 'hosts'): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, text)
  const options = { extraVars: [], interface: 'ens18' }
  const editable = await editableInventory([file], change)
  const inventory = await loadInventory([file], options)
  const { after } = editHosts(editable, inventory, change)
  const texts = new Map([[file, after]])
  verifyEdit(inventory, await loadInventory([file], { ...options, texts }), change)
  return after
}

const add = (name: string, address?: string, group?: string): HostChange => ({
  ...{ kind: 'add', name, address, group },
})
const remove = (name: string): HostChange => ({ kind: 'remove', name, leaveOutside: false })

/** Lines with `+` are in the text with node4 only; all others are in both. */
const yaml: readonly (readonly [what: string, lines: string])[] = [
  [
    'in blocks',
    `# the cluster
all:
  vars:
    ansible_user: ops # not root
  hosts:
    node1:
      ansible_host: 192.0.2.11 # rack 1

    node2:
      ansible_host: 192.0.2.12 # a comment that is longer than the next ones
      # fw_interface: eth0
      # x: y
+    node4:
+      ansible_host: 192.0.2.14

  # the rest
  children: {}
`,
  ],
  [
    'in braces, without a line end at the end',
    `all:
  hosts:
    node1: { ansible_host: 192.0.2.11 }   # the first
    node2: { ansible_host: 192.0.2.12 }   # the second
+    node4: { ansible_host: 192.0.2.14 }
`,
  ],
  [
    'of Kubespray, where the workers are a group',
    `all:
  hosts:
    node1:
      ansible_host: 192.0.2.11
      ip: 10.0.0.1
    node2:
      ansible_host: 192.0.2.12
      ip: 10.0.0.2
+    node4:
+      ansible_host: 192.0.2.14
  children:
    kube_control_plane:
      hosts:
        node1:
    kube_node:
      hosts:
        node1:
        node2: # the second
+        node4:
    etcd:
      hosts:
        node1:
    k8s_cluster:
      children:
        kube_control_plane:
        kube_node:
`,
  ],
  [
    'above settings that tell where they stand',
    `all:
  hosts:
    node1: { ansible_host: 192.0.2.11 }
    node2: { ansible_host: 192.0.2.12 }
+    node4: { ansible_host: 192.0.2.14 }
  vars:
    fw_probes:
      - tcp: 192.0.2.10:6443
`,
  ],
  [
    'where hosts stand in groups only',
    `k8s_cluster:
  children:
    masters:
      hosts:
        node1: { ansible_host: 192.0.2.11 }
    workers:
      hosts:
        node2: { ansible_host: 192.0.2.12 }
+        node4: { ansible_host: 192.0.2.14 }
`,
  ],
]

const ini: readonly (readonly [what: string, lines: string])[] = [
  [
    'with columns',
    `; the cluster
[all]
node1   ansible_host=192.0.2.11 ip=10.0.0.1   # rack 1
node2   ansible_host=192.0.2.12 ip=10.0.0.2
+node4   ansible_host=192.0.2.14

# groups
[kube_control_plane]
node1
[kube_node]
node1
node2 # the second
+node4

[etcd:children]
kube_control_plane
[k8s_cluster:children]
kube_control_plane
kube_node
`,
  ],
  [
    'where hosts stand in groups only',
    `[kube_control_plane]
node1 ansible_host=192.0.2.11
[kube_node]
node2 ansible_host=192.0.2.12
+node4 ansible_host=192.0.2.14
[all:vars]
ansible_user=ops
fw_probes=[{"tcp": "192.0.2.10:6443"}]
`,
  ],
  [
    'without sections, without a line end at the end',
    `node1 ansible_host=192.0.2.11
node2 ansible_host=192.0.2.12
+node4 ansible_host=192.0.2.14
`,
  ],
]

const without = (lines: string): string => lines.replace(/^\+.*\n/gm, '')
const withNode4 = (lines: string): string => lines.replace(/^\+/gm, '')

describe.each([
  ['YAML', yaml],
  ['INI', ini],
])('a host in %s', (_, texts) => {
  it.each(texts)('is added and removed, every other byte kept: %s', async (_, lines) => {
    expect(await edited(without(lines), add('node4', '192.0.2.14'))).toBe(withNode4(lines))
    expect(await edited(withNode4(lines), remove('node4'))).toBe(without(lines))
    const dos = (text: string): string => text.replaceAll('\n', '\r\n')
    expect(await edited(dos(without(lines)), add('node4', '192.0.2.14'))).toBe(
      dos(withNode4(lines)),
    )
    expect(await edited(dos(withNode4(lines)), remove('node4'))).toBe(dos(without(lines)))
    const open = (text: string): string => text.trimEnd()
    expect((await edited(open(without(lines)), add('node4', '192.0.2.14'))).trimEnd()).toBe(
      open(withNode4(lines)),
    )
    expect((await edited(open(withNode4(lines)), remove('node4'))).trimEnd()).toBe(
      open(without(lines)),
    )
  })
})

describe('a host', () => {
  it('in braces takes its comma with it, and is written in the same way', async () => {
    const text = 'all: {hosts: {"n1": {ansible_host: 192.0.2.1}, n2: {ansible_host: 192.0.2.2}}}\n'
    const more = await edited(text, add('192.0.2.3'))
    expect(more).toBe(text.replace('2.2}', '2.2}, 192.0.2.3: {}'))
    expect(await edited(more, remove('192.0.2.3'))).toBe(text)
    expect(await edited(more, remove('n1'))).toBe(more.replace(/"n1": \{.*?\}, /, ''))
  })

  it('in braces stays if a comment would go with it: that may be about another host', async () => {
    const text = (more: string) =>
      `all: {hosts: {\n  n1: {ansible_host: 192.0.2.1},${more}\n  n2: {ansible_host: 192.0.2.2}\n  }}\n`
    const after = await edited(text(''), remove('n1'))
    expect(after).toBe(text('').replace(/n1: .*\n {2}/, ''))
    for (const name of ['n1', 'n2']) {
      const fault = await faultOfAsync(edited(text('\n  # about n2'), remove(name)))
      expect(fault.message).toContain(`cannot delete ${name} from`)
    }
  })

  it('goes with its variables and the comments behind and below them, and with nothing above', async () => {
    const text = `all:
  hosts:
    # rack 1
    node1:
      ansible_host: 192.0.2.11 # old
      # ip: 10.0.0.1

    # rack 2
    node2: { ansible_host: 192.0.2.12 }
`
    expect(await edited(text, remove('node1'))).toBe(
      text.replace(/ {4}node1:[\s\S]*?10\.0\.0\.1\n/, ''),
    )
  })

  it('goes out of each of its groups, and leaves an empty one', async () => {
    const text =
      'all:\n  hosts:\n    a: { ansible_host: 192.0.2.1 }\n    b: { ansible_host: 192.0.2.2 }\n  children:\n    etcd:\n      hosts:\n        b:\n'
    expect(await edited(text, remove('b'))).toBe(text.replace(/ +b:.*\n/g, ''))
  })

  it('is added to the group that is named', async () => {
    const [, lines = ''] = yaml[2] ?? []
    const after = await edited(without(lines), add('node4', '192.0.2.14', 'etcd'), 'etcd')
      .then((text) => text)
      .catch(({ message }: Error) => message)
    expect(after).toMatch(/would not be in group "k8s_cluster", so fw-run would not protect it/)
    const first = await edited(without(lines), add('node4', '192.0.2.14', 'kube_control_plane'))
    expect(first).toMatch(/kube_control_plane:\n {6}hosts:\n {8}node1:\n {8}node4:\n {4}kube_node/)
  })

  const plain =
    'all:\n  hosts:\n    node1: { ansible_host: 192.0.2.11, ip: 10.0.0.1 }\n    node2:\n'
  const vars = plain.replace('node2:', 'node2: { ansible_host: 192.0.2.12 }')
  it.each([
    [
      'that is there',
      vars,
      add('node2', '192.0.2.14'),
      /has a host "node2" already, at 192\.0\.2\.12/,
    ],
    [
      'with the address of another',
      vars,
      add('node4', '10.0.0.1'),
      /^node1 has the address 10\.0\.0\.1 already/,
    ],
    [
      'named by the address of another',
      vars,
      add('192.0.2.12'),
      /^node2 has the address 192\.0\.2\.12 already/,
    ],
    [
      'in a group that is not there',
      vars,
      add('node4', '192.0.2.14', 'kube'),
      /has no group "kube"/,
    ],
    ['that is not there', vars, remove('nod1'), /has no host "nod1"\.[\s\S]*Did you mean "node1"/],
    [
      'that is the last',
      'all:\n  hosts:\n    192.0.2.1:\n',
      remove('192.0.2.1'),
      /is the last host to protect in .*hosts\. Nothing was changed\.\nTo remove its guard: `fw-run remove -i /,
    ],
    [
      'of a range',
      'all:\n  hosts:\n    192.0.2.[1:3]:\n',
      remove('192.0.2.2'),
      /cannot delete 192\.0\.2\.2 from .*hosts without other changes[\s\S]*name each host in a line of its own/,
    ],
    [
      'of a range in INI',
      '[all]\n192.0.2.[1:3]\n',
      remove('192.0.2.2'),
      /cannot delete[\s\S]*fw-run remove --limit 192\.0\.2\.2 -i [\s\S]*name each host in a line of its own/,
    ],
    [
      'of RKE',
      'nodes:\n- address: 192.0.2.1\n  role: [worker]\n',
      add('n', '192.0.2.2'),
      /because it is a file of RKE\.[\s\S]*Add n to `nodes:` in that file\.\nThen: `fw-run apply -i /,
    ],
    [
      'of JSON',
      '{"all": {"hosts": {"192.0.2.1": {}, "192.0.2.2": {}}}}',
      remove('192.0.2.2'),
      /because it is JSON\.[\s\S]*Delete 192\.0\.2\.2 from "hosts"/,
    ],
  ])('%s is refused', async (_, text, change, words) => {
    const { message, remedy } = await faultOfAsync(edited(text, change))
    expect(`${message}\n${remedy}`).toMatch(words)
  })

  it('of a list, of the standard input and of several inventories is changed by hand', async () => {
    const said = async (given: readonly string[], change: HostChange): Promise<string> => {
      const { message, remedy } = await faultOfAsync(editableInventory(given, change))
      return `${message} ${remedy}`
    }
    expect(await said(['a,b,c'], remove('b'))).toMatch(
      /does not edit a list of hosts[\s\S]*--limit b -i a,b,c`\n[\s\S]*give -i a,c,\nThen: `fw-run apply -i a,c,`/,
    )
    expect(await said(['a,b,c'], remove('b'))).toMatch(
      /First take b out of the cluster: `kubectl drain b --ignore-daemonsets` and `kubectl delete node b`\. .*\nThen remove its guard: /,
    )
    expect(await said(['a,b,c'], { kind: 'remove', name: 'b', leaveOutside: true })).toMatch(
      /Nothing was changed\. First remove its guard: /,
    )
    expect(await said(['a,'], add('b', '192.0.2.2'))).toMatch(
      /give -i a,192\.0\.2\.2,\nThen: `fw-run apply -i a,192\.0\.2\.2,`/,
    )
    expect(await said(['-'], add('b'))).toContain('Add b to what you pipe into fw-run.')
    expect(await said(['x', 'y'], remove('b'))).toContain(
      'Delete b from the inventory that lists it.',
    )
    expect(await said([folder], add('b'))).toContain('Add b to a file in that directory.')
  })

  it.each([
    ['node4=', /"" is neither a host name nor an IP address/],
    ['node[1:3]', /give the name of one host/],
    ['node4:22', /without port or range/],
    ['=192.0.2.1', /a host needs a name/],
    ['node4=1.2.3', /"1\.2\.3" is neither/],
  ])('cannot be called %s', (word, words) => {
    expect(parseNewHost(word)).toEqual({ fault: expect.stringMatching(words) })
  })
})
