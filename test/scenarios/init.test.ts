import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, executable, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

const hosts = ['192.168.64.11', '192.168.64.12', '192.168.64.13']

describe('a newcomer', () => {
  let lab: Lab
  afterEach(() => lab.stop())

  const init = (words: readonly string[], stdin = '') =>
    lab.jump.run(['node', executable, 'init', ...words].join(' '), { stdin })
  const written = async (file = 'inventory.yaml'): Promise<string> =>
    (await lab.jump.run(`cat ${file}`)).stdout
  const values = async (file?: string): Promise<string> =>
    (await written(file)).replace(/^ *#.*\n/gm, '')

  it('gets from three addresses to a protected cluster, by answers on a terminal', async () => {
    lab = await startLab({ hosts: 3 })
    const before = await firewalls(lab)
    const terminal = await openTerminal(lab, ['init'], 'none')
    await terminal.shows(/All nodes of the cluster/)
    await terminal.type(hosts.join(' '), 'Enter')
    await terminal.shows(/Login user on the hosts/)
    await terminal.type('ops', 'Enter')
    const question = await terminal.shows(/Which interface receives traffic/)
    expect(question).toMatch(/❯ ens18: on 3 of 3 hosts \(3 with the address in the inventory\)/)
    await terminal.type('Enter')
    await terminal.shows(/Write this to inventory\.yaml\?/)
    await terminal.type('Enter')
    const screen = await terminal.shows(/^exit code \d+/m)
    await terminal.close()
    expect(screen.replace(/\s+/g, ' ')).toMatch(
      /init: no check failed on 3 hosts.*apply would change 3 hosts\. inventory\.yaml is written, with 3 hosts\. To protect them: `fw-run apply -i inventory\.yaml` exit code 0/,
    )
    expect(await firewalls(lab)).toEqual(before)
    expect(await values()).toBe(
      `all:\n  vars:\n    ansible_user: ops\n    fw_interface: ens18\n    fw_guard: forward\n  hosts:\n${hosts.map((one) => `    ${one}:\n`).join('')}`,
    )

    const applied = await fwRun(lab, ['apply'], { env: { FW_RUN_INVENTORY: 'inventory.yaml' } })
    expect(applied.code).toBe(0)
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(false)
    expect(await lab.pod(1).canPing(lab.pod(2).address)).toBe(true)
  })

  it('who writes a script gives each answer by a flag, and no file is replaced unasked', async () => {
    lab = await startLab({ hosts: 3 })
    const alone = await init([])
    expect(alone.stderr).toMatch(/init needs hosts[\s\S]*fw-run init -i 192\.0\.2\.11/)
    expect(alone.code).toBe(5)
    const list = `-i ${hosts.join(',')}`
    const unsure = await init([list, '-u ops'])
    expect(unsure.stderr).toMatch(/ens18: on 3 of 3 hosts[\s\S]*--interface NAME/)
    expect(unsure.code).toBe(5)
    expect(await written()).toBe('')

    const wrong = await init([list, '-u ops', '--interface ens19', 'wrong.yaml'])
    expect(wrong.stdout).toMatch(
      /wrong\.yaml is written, with 3 hosts\. To check them again: `fw-run preflight -i wrong\.yaml`/,
    )
    expect(wrong.code).toBe(2)

    const nowhere = await init([list, '-u ops', '--interface ens18', 'missing/cluster.yaml'])
    expect(nowhere.stderr).toMatch(
      /missing\/cluster\.yaml: cannot be written: its directory does not exist\./,
    )
    expect(nowhere.code).toBe(5)

    await lab.jump.run(
      'mkdir full && mount -t tmpfs -o size=4k tmpfs full && head -c 4096 /dev/zero > full/rest',
    )
    const full = await init([list, '-u ops', '--interface ens18', 'full/cluster.yaml'])
    expect(full.stderr).toContain('full/cluster.yaml: cannot be written: the disk is full.')
    expect(full.code).toBe(5)
    expect((await lab.jump.run('ls -A full; umount full')).stdout).toBe('rest\n')

    const first = await init([list, '-u ops', '--interface ens18', '--output json'])
    expect(first.code).toBe(0)
    expect(JSON.parse(first.stdout)).toMatchObject({ command: 'init', outcome: 'audited' })
    const text = await written()
    expect(text).toMatch(/ansible_user: ops\n/)
    const again = await init([list, '-u ops', '--interface ens18'])
    expect(again.stderr).toMatch(
      /inventory\.yaml already exists\. fw-run wrote nothing\.[\s\S]*--overwrite/,
    )
    expect(again.code).toBe(5)
    expect(await written()).toBe(text)

    const nodes = hosts.map((address, at) => ({
      ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: `n${at + 1}` } },
      status: { addresses: [{ type: 'InternalIP', address }] },
    }))
    const list2 = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nodes })
    const flags = ['-i -', '-u ops', '--interface ens1*', '--guard auto']
    const how = ['--private-key .ssh/id_ed25519', '--transport ssh2']
    const other = await init([...flags, ...how, 'cluster.yaml'], list2)
    expect(other.code).toBe(0)
    expect(other.stdout.replace(/\s+/g, ' ')).toContain(
      '`fw-run apply --transport ssh2 -i cluster.yaml`',
    )
    expect(await values('cluster.yaml')).toMatch(
      / ansible_ssh_private_key_file: \/\S+\/\.ssh\/id_ed25519\n/,
    )
    expect(await values('cluster.yaml')).toMatch(
      /fw_guard: auto\n.*\n {2}hosts:\n {4}n1: \{ ansible_host: 192\.168\.64\.11 \}\n/,
    )
    expect(await values('cluster.yaml')).toContain('fw_interface: ens1*\n')
    await lab.host('node3').killSshd()
    const replaced = await init([...flags, ...how, '--overwrite'], list2)
    expect(replaced.code).toBe(4)
    expect(await values()).toBe(await values('cluster.yaml'))
    for (const host of lab.hosts) await host.killSshd()
    const none = await init([...flags, 'none.yaml'], list2)
    expect(none.stdout).toContain('none.yaml is not written: no host could be read.')
    expect(none.code).toBe(4)
    expect(await written('none.yaml')).toBe('')
  })

  it('who interrupts init keeps the file that was to be replaced', async () => {
    lab = await startLab({ hosts: 3 })
    await lab.file('old.yaml', 'good\n')
    await lab.host('node2').freeze()
    const words = ['-y', '-i', hosts.join(','), '-u', 'ops', '--interface', 'ens18']
    const more = ['--timeout', '600', '--overwrite', 'old.yaml']
    const terminal = await openTerminal(lab, ['init', ...words, ...more], 'none')
    await terminal.shows(/Connect and read facts: 2 of 3/)
    await terminal.type('C-c')
    const screen = await terminal.shows(/^exit code \d+/m)
    await terminal.close()
    expect(screen).toContain('Interrupted. fw-run wrote nothing to old.yaml.')
    expect(screen).toContain('exit code 130')
    expect(await written('old.yaml')).toBe('good\n')
    await lab.host('node2').thaw()
  })

  it('with hosts on which forward cannot work gets the guard that does', async () => {
    lab = await startLab({ hosts: 2, each: { backend: 'nft' } })
    const words = ['-i 192.168.64.11,node2', '-u ops', '--interface ens18']
    const first = await init(words)
    expect(first.stdout).not.toContain('--limit')
    expect(first.stderr.replace(/\s+/g, ' ')).toMatch(
      /the guard forward does not work on 192\.168\.64\.11, node2, so the inventory gets fw_guard: auto/,
    )
    expect(await values()).toContain('fw_guard: auto\n')
    expect(await values()).toContain('    node2: { fw_addresses: [192.168.64.12] }\n')
    const env = { FW_RUN_INVENTORY: 'inventory.yaml' }
    expect((await fwRun(lab, ['apply'], { env })).code).toBe(first.code)
    expect(await lab.outsider.canPing(lab.pod(2).address)).toBe(false)
  })
})
