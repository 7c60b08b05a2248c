import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.ts'
import { selectHosts } from '../../../src/cluster/select-hosts.ts'
import { saveVariable } from '../../../src/inventory/writing/save-variable.ts'
import { maxHostsLoadedAgain, maxTextLoadedAgain } from '../../../src/limits.ts'
import { exitCode } from '../../../src/outcomes/exit-code.ts'
import { beginRun } from '../../../src/runs/run.ts'
import { changedSince, unlessOvertaken } from '../../../src/stages/changing/overtaken.ts'
import type { InterfacesOf } from '../../../src/stages/choose-interface.ts'
import { runReport } from '../../report/run.ts'

const gone = changedSince(
  {
    hosts: [],
    inventory: { files: new Map([['/nowhere/hosts.yaml', 'a']]), nodes: [] },
  },
  { kind: 'remove' },
)

it.each(['pending', 'done'] as const)(
  'a run whose inventory was changed since is refused, if it is %s',
  async (kind) => {
    const found = await unlessOvertaken(runReport(kind, []), { check: false }, gone)
    expect(found).toMatchObject({
      kind: 'refused',
      objections: [
        {
          kind: 'overtaken',
          reason:
            '/nowhere/hosts.yaml was changed, deleted or made unreadable after fw-run read it',
        },
      ],
    })
    expect(exitCode(found)).toBe(2)
  },
)

it('a run that changes nothing in any case is not refused for that', async () => {
  const pending = runReport('pending', [])
  expect(await unlessOvertaken(pending, { check: true }, gone)).toBe(pending)
  const declined = runReport('declined', [])
  expect(await unlessOvertaken(declined, { check: false }, gone)).toBe(declined)
})

describe('changedSince', () => {
  let room = ''
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(room, name)), { recursive: true })
    writeFileSync(join(room, name), text)
  }
  const inventory =
    'all: { vars: { fw_interface: eth0, fw_group: guarded } }\nk8s_cluster:\n  hosts:\n    n2: { ansible_host: 192.0.2.2 }\n' +
    '  children:\n    guarded:\n      hosts:\n        n1: { ansible_host: 192.0.2.1, ansible_password: old }\n'
  const node = (heartbeat: string, address = '192.0.2.1'): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1' },
      status: {
        addresses: [{ type: 'InternalIP', address }],
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: heartbeat }],
      },
    })
  beforeEach(() => {
    room = mkdtempSync(join(tmpdir(), 'overtaken-'))
    put('inv/a.yaml', inventory)
    put('inv/group_vars/guarded.yml', 'cluster_name: one\n')
    put('nodes.json', node('2026-01-01T00:00:00Z'))
    put('more.yml', 'some_name: one\n')
  })
  afterEach(() => rmSync(room, { recursive: true }))

  async function selected(command: 'apply' | 'remove', given: string) {
    const interfaces = given === 'nodes.json' ? ['--interface', 'eth0'] : []
    const files = ['-i', join(room, given), '-e', `@${join(room, 'more.yml')}`]
    const words = [command, ...files, '--no-ssh-config', ...interfaces]
    const parsed = parseArguments(words)
    if (parsed.kind !== 'invocation') throw new Error('These are no good arguments.')
    const { settings } = parsed.invocation
    const viewer = { emit: () => {}, flushed: async () => {} }
    const run = beginRun(command, settings.forks, viewer, new AbortController().signal)
    return selectHosts(settings, run)
  }
  const interfacesOf: InterfacesOf = ({ settings: { interfaces } }) =>
    interfaces.length > 0 ? interfaces : ['eth0']
  async function begun(command: 'apply' | 'remove', given = 'inv') {
    const selection = await selected(command, given)
    const kind = command === 'apply' ? 'protect' : 'remove'
    return changedSince(selection, { kind, interfacesOf })
  }

  it.each([
    ['a comment', 'inv', 'inv/a.yaml', `# more\n${inventory}`],
    ['a password', 'inv', 'inv/a.yaml', inventory.replace('old', 'new')],
    ['a variable of others', 'inv', 'inv/group_vars/guarded.yml', 'cluster_name: two\n'],
    ['a new file of variables of others', 'inv', 'inv/host_vars/n1.yml', 'etcd_name: etcd1\n'],
    ['a swap file of an editor', 'inv', 'inv/.a.yaml.swp', '\0'],
    [
      'a warning that is accepted now',
      'inv',
      'inv/group_vars/guarded.yml',
      'fw_accept: [pod-sources]\n',
    ],
    [
      'another order of hosts',
      'inv',
      'inv/a.yaml',
      inventory.replace(/( {2}hosts:\n.*\n)([\s\S]*)/, '$2$1'),
    ],
    ['a group that nothing uses', 'inv', 'inv/a.yaml', `${inventory}rack7: { hosts: { n1: } }\n`],
    ['a heartbeat of a node', 'nodes.json', 'nodes.json', node('2026-01-01T00:05:00Z')],
  ])('lets %s pass, and finds after it what counts', async (_, given, file, text) => {
    const overtaken = await begun('apply', given)
    expect(await overtaken()).toBeUndefined()
    put(file, text)
    expect(await overtaken()).toBeUndefined()
    if (given === 'inv')
      put('inv/b.yaml', 'k8s_cluster: { hosts: { n3: { ansible_host: 192.0.2.3 } } }\n')
    else put('nodes.json', node('2026-01-01T00:05:00Z', '192.0.2.9'))
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
  })

  it.each([
    [
      'a new inventory',
      'inv/b.yaml',
      'k8s_cluster: { hosts: { n3: { ansible_host: 192.0.2.3 } } }\n',
      'inv/',
    ],
    ['a new file of variables', 'inv/host_vars/n1.yml', 'fw_extra_members: [192.0.2.9]\n', 'inv/'],
    [
      'a variable in a file that was read',
      'inv/group_vars/guarded.yml',
      'fw_action: DROP\n',
      'inv/group_vars/guarded.yml',
    ],
    ['another address of a node', 'inv/a.yaml', inventory.replace('.2.2', '.2.9'), 'inv/a.yaml'],
    [
      'other pod networks of a node that is not guarded',
      'inv/a.yaml',
      inventory.replace('.2.2 }', '.2.2, fw_pod_cidrs: [10.42.2.0/24] }'),
      'inv/a.yaml',
    ],
    ['a text that is no inventory', 'inv/a.yaml', '{', 'inv/a.yaml'],
  ])('objects to %s', async (_, file, text, named) => {
    const overtaken = await begun('apply')
    put(file, text)
    expect(await overtaken()).toEqual({
      kind: 'overtaken',
      reason: `${join(room, named)} was changed, deleted or made unreadable after fw-run read it`,
    })
  })

  it('lets the answer to the question for the interface pass that fw-run saved, where another file was changed', async () => {
    const file = join(room, 'asked.yaml')
    put('asked.yaml', 'all: { hosts: { n1: { ansible_host: 192.0.2.1 } } }\n')
    const selection = await selected('apply', 'asked.yaml')
    await saveVariable(file, 'fw_interface', 'eth0', selection.inventory.files)
    const overtaken = changedSince(selection, { kind: 'protect', interfacesOf })
    put('group_vars/all.yml', '# more\n')
    expect(await overtaken()).toBeUndefined()
  })

  it('lets the answer pass that the user writes by hand, and objects to another interface', async () => {
    put('asked.ini', 'n1 ansible_host=192.0.2.1\n')
    const overtaken = await begun('apply', 'asked.ini')
    const removing = await begun('remove', 'asked.ini')
    put('asked.ini', 'n1 ansible_host=192.0.2.1\n[all:vars]\nfw_interface=eth0\n')
    expect(await overtaken()).toBeUndefined()
    put('asked.ini', 'n1 ansible_host=192.0.2.1\n[all:vars]\nfw_interface=eth1\n')
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
    expect(await removing()).toBeUndefined()
  })

  const comment = `#${'x'.repeat(maxTextLoadedAgain / 2)}\n`
  const annotated = (heartbeat: string): string =>
    node(heartbeat).replace(
      '"name"',
      `"annotations":{"a":"${comment.trim()}${comment.trim()}"},"name"`,
    )

  it.each([
    ['a file of -e that is long now', { 'more.yml': `${comment}${comment}some_name: one\n` }],
    ['one file that is long now', { 'inv/a.yaml': `${comment}${comment}${inventory}` }],
    [
      'files of variables that are long together now',
      { 'inv/group_vars/guarded.yml': comment, 'inv/host_vars/n1.yml': comment },
    ],
  ])('does not read much text while hosts are held: any change in %s counts', async (_, texts) => {
    const overtaken = await begun('apply')
    for (const [file, text] of Object.entries(texts)) put(file, text)
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
    // A run that begins now reads all.
    const next = await begun('apply')
    expect(await next()).toBeUndefined()
    for (const [file, text] of Object.entries(texts)) put(file, `# more\n${text}`)
    expect(await next()).toMatchObject({ kind: 'overtaken' })
  })

  it.each([
    ['has a few hosts more than are read again', maxHostsLoadedAgain + 1, maxHostsLoadedAgain + 1],
    ['has so many now', 3, maxHostsLoadedAgain + 1],
  ])('counts any change of an inventory that %s', async (_, before, after) => {
    const text = (hosts: number): string =>
      `[k8s_cluster]\n192.0.2.1\n192.0.2.2\n[others]\nn[1:${hosts}]\n[all:vars]\nfw_interface=eth0\n`
    put('many.ini', text(before - 2))
    const overtaken = await begun('apply', 'many.ini')
    expect(await overtaken()).toBeUndefined()
    put('many.ini', `# more\n${text(after - 2)}`)
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
  })

  it('reads as long a text again where that is JSON of kubectl, which is read much faster', async () => {
    put('nodes.json', annotated('2026-01-01T00:00:00Z'))
    const overtaken = await begun('apply', 'nodes.json')
    put('nodes.json', annotated('2026-01-01T00:05:00Z'))
    expect(await overtaken()).toBeUndefined()
  })

  it('does not let a node that is not protected stop a removal', async () => {
    const overtaken = await begun('remove')
    put('inv/a.yaml', inventory.replace('.2.2', '.2.9'))
    expect(await overtaken()).toBeUndefined()
    put('inv/a.yaml', inventory.replace('.2.1', '.2.8'))
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
  })

  it('runs no script again: where there is one, only files that were read count', async () => {
    const script = `#!/bin/sh\necho run >>${join(room, 'runs')}\necho '{"_meta": {"hostvars": {}}}'\n`
    put('inv/script', script)
    chmodSync(join(room, 'inv/script'), 0o755)
    const overtaken = await begun('apply')
    const runs = readFileSync(join(room, 'runs'), 'utf8')
    put('inv/cache', 'n4\n')
    expect(await overtaken()).toBeUndefined()
    put('inv/a.yaml', `# more\n${inventory}`)
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
    expect(readFileSync(join(room, 'runs'), 'utf8')).toBe(runs)
  })

  it('runs no script that is new, and objects to it', async () => {
    const overtaken = await begun('apply')
    put('inv/script', `#!/bin/sh\necho run >>${join(room, 'runs')}\n`)
    chmodSync(join(room, 'inv/script'), 0o755)
    expect(await overtaken()).toMatchObject({ kind: 'overtaken' })
    expect(() => readFileSync(join(room, 'runs'))).toThrow('ENOENT')
  })
})
