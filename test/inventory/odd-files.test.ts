import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.ts'
import { withVariable } from '../../src/inventory/writing/save-variable.ts'
import { faultOf, faultOfAsync } from './fault.ts'

const HOST = '  hosts: {n1: {ansible_host: 192.0.2.1}}\n'
const times = (count: number, part: string) => part.repeat(count)

/** What a file holds, and what is said of it behind its name. */
const REFUSED: Record<string, readonly [string | Buffer, RegExp]> = {
  nothing: ['', /^: is empty$/],
  'a byte order mark alone': ['\uFEFF', /^: is empty$/],
  'spaces, lines and comments': [' \n\n# x\n---\n', /^: is empty$/],
  'NUL characters': ['all:\n  h\0', /^:2:4: is not text: it contains a NUL character\.$/],
  'UTF-16': [Buffer.from('\uFEFFall:\n', 'utf16le'), /^:1:1: is not UTF-8 text\.$/],
  'random bytes': [Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x80, 0]), /^:2:1: is not UTF-8 text\.$/],
  'a character cut in half': [Buffer.from([0x61, 0xc3]), /^:1:2: is not UTF-8 text\.$/],
  'line ends of old Macs': ['all:\r  hosts:\r    n1:\r', /^:1:5: not YAML: two keys on one line/],
  'tabs as indentation': [
    'all:\n  hosts:\n\tn1:\n',
    /^:3:1: not YAML: this line is indented with a tab/,
  ],
  'brackets in brackets in brackets': [times(20_000, '['), /^:1:\d+: not YAML: too many levels/],
  'lists in lists in lists': [times(3000, '- '), /^:1:\d+: not YAML: too many levels/],
  'a value of many levels': [
    `all:\n${HOST}  vars:\n    fw_probes: ${times(500, '[')}${times(500, ']')}\n`,
    /^:4:16: fw_probes: has too many levels inside each other$/,
  ],
  'groups of many levels in each other': [
    `all: ${times(300, '{children: {a: ')}{}${times(300, '}}')}\n`,
    /^:1:\d+: groups contain each other: "a" > "a"$/m,
  ],
  'a key given twice': [`all:\n${HOST}all:\n`, /^:3:1: "all" was already given on line 1$/],
  'an empty key': ['"": {hosts: {n1: }}\n', /^:1:1: "" is not a group name$/m],
  'a key that is an alias to another': [
    'a: &a all\n*a : {hosts: {192.0.2.1: }}\n',
    /^:1:7: group "a" must be a mapping, not a plain value$/,
  ],
  'two documents': [`all:\n${HOST}---\nall:\n`, /^:3:1: not YAML: a second document begins here/],
  'an unknown tag': [
    `all: !x\n${HOST}  vars: {fw_set: !x y}\n`,
    /^:3:21: fw_set: tags \(!name\) are not supported$/,
  ],
  'a sign that YAML reserves': [
    `all:\n${HOST}  vars: {a: @b}\n`,
    /^:3:13: not YAML: a value that begins with @/,
  ],
  'an anchor without a name': ['a: & b\n', /^:1:4: not YAML: a value that begins with \* or & is/],
  'a list of plays': [
    '- hosts: all\n  tasks: []\n',
    /^:1:1: is not an inventory: it must begin with a group$/,
  ],
  'a private key': [
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n',
    /^:1:1: is not an inventory: it must begin with a group$/,
  ],
  'a configuration of kubectl': [
    'apiVersion: v1\nkind: Config\n',
    /^: is no inventory: its kind is Config, which fw-run does not read$/m,
  ],
  'what a dynamic inventory prints': ['{"_meta": {"hosts": ["x"]}}', /^: lists no hosts$/],
  'a script': ['#!/usr/bin/env python3\n', /^:1: this is a script, but it is not executable$/],
  'a host that is a port only': [
    `all: {hosts: {":22": {ansible_host: 192.0.2.1}}}`,
    /^:1:15: host ":22": a host needs a name$/,
  ],
  'a host with a name without end': [
    `all: {hosts: {${times(300, 'a')}: }}`,
    /^:1:15: host "a+…": a host name must not have more than 253 characters$/,
  ],
  'a range of far too many hosts': [
    'all: {hosts: {"n[1:9999][1:9999]": }}',
    /^:1:15: host .*: the range has more than 10000 hosts$/,
  ],
  'a host name that would be printed otherwise': [
    'all: {hosts: {"a\u202eb": }}',
    /^:1:15: host "a\\u\{202e\}b": a host name must not contain control characters$/,
  ],
}

describe('a file that is no inventory', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const load = (file: string) => loadInventory([file], { extraVars: [] })
  const faultOfFile = async (file: string) => {
    const fault = await faultOfAsync(load(file))
    expect(fault.code).toBe('inventory')
    return { ...fault, said: fault.message.replaceAll(file, ''), remedy: fault.remedy }
  }

  it.each(Object.entries(REFUSED))(
    'is refused with what is wrong, and where: %s',
    async (_, [content, said]) => {
      const file = join(folder, 'odd.yaml')
      await writeFile(file, content)
      expect((await faultOfFile(file)).said).toMatch(said)
      // Nor does saving a setting fall over it.
      try {
        withVariable(file, content.toString(), 'fw_interface', 'ens18')
      } catch {
        expect(
          faultOf(() => withVariable(file, content.toString(), 'fw_interface', 'ens18')).code,
        ).toBe('inventory')
      }
    },
  )

  it('is refused where it is a FIFO that nobody writes to, or a device', async () => {
    const fifo = join(folder, 'fifo')
    execFileSync('mkfifo', [fifo])
    for (const file of [fifo, '/dev/null', '/dev/zero']) {
      expect(await faultOfFile(file)).toMatchObject({
        said: ': is not a regular file.',
        remedy: 'Save the inventory to a file first.',
      })
    }
  })

  it('is refused where it is larger than any inventory', async () => {
    const file = join(folder, 'huge.yaml')
    await writeFile(file, '')
    await truncate(file, 5_000_001)
    expect((await faultOfFile(file)).said).toBe(': is larger than 5 MB.')
  })

  it('is refused as JSON that is larger than 5 MB only where it is not of kubectl or of a script', async () => {
    const file = join(folder, 'huge.json')
    await writeFile(file, `{"all": {"vars": {"x": "${'x'.repeat(5_000_000)}"}}}`)
    const said = ': is larger than 5 MB, and not JSON of kubectl or of a script'
    expect((await faultOfFile(file)).said).toBe(said)
    await truncate(file, 100_000_001)
    expect((await faultOfFile(file)).said).toBe(': is larger than 100 MB.')
  })

  it('may be a list of hosts, as ansible takes it', async () => {
    const { message } = await faultOfAsync(load('node1,node2'))
    expect(message).toMatch(/-i node1,node2: host "node1" has no IPv4 address for the set/)
  })

  it('is told by its first faults, and how many there are', async () => {
    const file = join(folder, 'many.yaml')
    const lines = Array.from({ length: 3000 }, (_, n) => `    fw_x${n}: 1\n`).join('')
    await writeFile(file, `all:\n${HOST}  vars:\n${lines}`)
    const told = (await faultOfFile(file)).said.split('\n')
    expect(told).toHaveLength(51)
    expect(told[49]).toContain('fw_x49')
    expect(told[50]).toBe('… and 2950 more faults')
  })
})
