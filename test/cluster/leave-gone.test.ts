import { describe, expect, it } from 'vitest'
import { leaveGone } from '../../src/cluster/leave-gone.ts'
import type { OpenCluster } from '../../src/cluster/open-cluster.ts'
import { parseInventory } from '../../src/inventory/load.ts'
import type { Run } from '../../src/runs/run.ts'
import { shellWords } from '../../src/text/shell-words.ts'
import { failed } from '../report/run.ts'

/** What `leaveGone` makes of a cluster whose only host, of this inventory, refuses the login, and what it tells. */
function leave(yaml: string) {
  const inventory = parseInventory(yaml, 'inventory.yaml', { extraVars: [] })
  const [leaving] = inventory.hosts
  if (!leaving) throw new Error('no host')
  const findings = [{ ...failed('connection', 'It refuses the login.'), unreachable: true }]
  const opened = [{ host: leaving, findings, link: undefined, facts: undefined }]
  const told: string[] = []
  const noted: unknown[] = []
  const run = {
    emit: (event: { message: string }) => told.push(event.message),
    journal: { note: (event: unknown) => noted.push(event) },
  } as unknown as Run
  const cluster = { inventory, hosts: inventory.hosts, opened } as unknown as OpenCluster
  return { leaving, left: leaveGone(cluster, leaving, run), noted, words: told.join('\n') }
}

/** The values of an option in the command that a text prints. */
function valuesOf(option: string, text: string): readonly string[] {
  const words = shellWords(/`fw-run remove ([^`]*)`/.exec(text)?.[1] ?? '', false)
  if (typeof words === 'string') throw new Error(words)
  return words.flatMap(({ text }, at) => (words[at - 1]?.text === option ? [text] : []))
}

describe('leaveGone', () => {
  it('leaves out the host, and notes that this run decides nothing about it', () => {
    const { leaving, left, noted, words } = leave(
      'all: { hosts: { node4: { ansible_host: 192.0.2.14 } } }',
    )
    expect(words).toMatch(
      /^fw-run could not log in to node4 \(192\.0\.2\.14\): It refuses the login\. So the guard stays on node4\. If node4/,
    )
    expect(left.opened).toEqual([])
    expect(left.tolerated?.map(({ host }) => host)).toEqual([leaving])
    expect(noted).toEqual([{ kind: 'left-out', hosts: [{ name: 'node4', address: '192.0.2.14' }] }])
  })

  it.each([
    ['plain', ''],
    ['with another set and another guard', 'fw_set: k8s_nodes, fw_guard: nft'],
    ['with a login of its own', 'ansible_user: ops, ansible_port: 2222, ansible_password: s3cret'],
    ['with a key', "ansible_ssh_private_key_file: '/home/ops/my keys/id'"],
    ['behind a bastion', `ansible_ssh_common_args: '-J ops@192.0.2.1 -o "HostKeyAlias=node 4"'`],
    ['without sudo', 'ansible_user: root, ansible_become: false'],
    ['with doas', 'ansible_become_method: doas, ansible_become_exe: /opt/doas'],
  ])('names a command that removes the guard of a host %s', (_, variables) => {
    const { leaving, words } = leave(
      `all: { hosts: { node4: { ansible_host: 192.0.2.14, ${variables} } } }`,
    )
    // A group of the old inventory would not be there.
    expect(words).toContain(' -e fw_group=all ')
    const [list = ''] = valuesOf('-i', words)
    expect(list).toBe('192.0.2.14,')
    expect(/ -k /.test(words)).toBe(leaving.password !== undefined)
    expect(words).not.toContain('s3cret')
    const again = parseInventory('all: { hosts: { 192.0.2.14: } }', 'inventory.yaml', {
      extraVars: [...valuesOf('-e', words)],
    }).hosts[0]
    const { port, user, privateKeyFile, sshOptions, become, rootWay } = leaving
    expect(again).toMatchObject({
      ...{ port, user, privateKeyFile, sshOptions, become, rootWay },
      settings: { set: leaving.settings.set, guard: leaving.settings.guard },
    })
  })

  it.each([
    ['half a way to a host whose bastion it cannot name again', 'ssh -W %h:%p ops@192.0.2.1'],
    ['the password of a ProxyCommand', 'sshpass -p s3cret ssh -W %h:%p ops@192.0.2.1'],
  ])('does not name %s', (_, proxy) => {
    const { words } = leave(
      `all: { hosts: { node4: { ansible_host: 192.0.2.14, ansible_ssh_common_args: '-o ProxyCommand="${proxy}"' } } }`,
    )
    expect(words).not.toContain('s3cret')
    expect(valuesOf('-e', words).join()).not.toContain('ansible_ssh')
    expect(words).toContain(
      '`. Add `-e ansible_ssh_args=…` or `-e ansible_ssh_common_args=…` as the inventory has it for node4',
    )
  })
})
