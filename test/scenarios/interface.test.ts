import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, executable, fwRun, guards } from './fw-run.ts'
import { withGuard } from './guarded.ts'
import { openTerminal } from './terminal.ts'

const inventory = `# the cluster of the second floor
all:
  vars:
    ansible_user: ops   # not root
  hosts:
    node1: { ansible_host: 192.168.64.11 }   # the first
    node2: { ansible_host: 192.168.64.12 }
`

describe('an inventory without fw_interface', () => {
  let lab: Lab
  beforeEach(async () => {
    lab = await startLab({ hosts: 2 })
    await lab.file('mine.yaml', inventory)
  })
  afterEach(() => lab.stop())

  it('on a terminal: asks, the likeliest interface first, and saves the answer with all comments kept', async () => {
    const terminal = await openTerminal(lab, ['apply'])
    const question = await terminal.shows(/Which interface receives traffic/)
    expect(question).toMatch(
      /❯ ens18: on 2 of 2 hosts \(2 with the address in the inventory\): 192\.168\.64\.11/,
    )
    await terminal.type('Enter')
    await terminal.shows(/Save fw_interface: ens18/)
    await terminal.type('y', 'Enter')
    await terminal.shows(/exit code 0/)
    expect(await guards(lab, 'node2')).toEqual([articleGuard])
    const { stdout } = await lab.jump.run('cat mine.yaml')
    expect(stdout).toBe(inventory.replace('# not root\n', '# not root\n    fw_interface: ens18\n'))
    const again = await fwRun(lab, ['apply'], { env: { FW_RUN_INVENTORY: 'mine.yaml' } })
    expect(again.stdout).toContain('nothing to do')
  })

  it('without a terminal: ends with 5 and the same list', async () => {
    const run = await fwRun(lab, ['apply'], { env: { FW_RUN_INVENTORY: 'mine.yaml' } })
    expect(run.code).toBe(5)
    expect(run.stderr).toMatch(/ens18: on 2 of 2 hosts \(2 with the address in the inventory\)/)
    expect(run.stderr).toMatch(/docker0: on 2 of 2 hosts:/)
    expect(run.stderr).toContain('--interface NAME')
    expect(await guards(lab, 'node1')).toEqual([])
  })

  it('--interface answers it', async () => {
    const run = await fwRun(lab, ['apply', '--interface', 'ens18'], {
      env: { FW_RUN_INVENTORY: 'mine.yaml' },
    })
    expect(run.code).toBe(0)
    expect(await guards(lab, 'node1')).toEqual([articleGuard])
  })

  it('--interface that no host has: the message names the flag', async () => {
    const run = await fwRun(lab, ['apply', '--interface', 'eth9'], {
      env: { FW_RUN_INVENTORY: 'mine.yaml' },
    })
    expect(run.code).toBe(2)
    expect(run.stdout).toMatch(/there is no interface eth9; .*\n +-> Correct --interface\.\n/)
    expect(await guards(lab, 'node1')).toEqual([])
  })

  it('that cannot be known, because no host can list its interfaces: the check says what to do', async () => {
    for (const host of lab.hosts) await host.breakTool('ip', { message: 'Cannot open netlink' })
    const run = await fwRun(lab, ['apply'], { env: { FW_RUN_INVENTORY: 'mine.yaml' } })
    expect(run.stderr).not.toContain('fw_interface')
    expect(run.stdout).toContain('network settings cannot be read')
    expect(run.stdout).toContain('Cannot open netlink')
    expect(run.code).toBe(2)
    const terminal = await openTerminal(lab, ['apply'])
    const shown = await terminal.shows(/exit code 2/)
    expect(shown).not.toContain('This is a bug')
    const first = await fwRun(lab, ['init', 'new.yaml', '-i', 'mine.yaml', '-y'])
    expect(first.stdout).toContain('new.yaml is not written: no host could be read.')
    expect(first.code).toBe(2)
  })

  it('from some time on, while status --watch looks: it says so, and does not say that the hosts have changed', async () => {
    const set = inventory.replace('  hosts:', '    fw_interface: ens18\n  hosts:')
    await lab.file('mine.yaml', set)
    const env = { FW_RUN_INVENTORY: 'mine.yaml' }
    expect((await fwRun(lab, ['apply'], { env })).code).toBe(0)
    const words = ['status', '-i', 'mine.yaml', '--watch', '1', '--report', 'watched.html']
    const watch = lab.jump.spawn(['node', executable, ...words])
    const end = once(watch, 'exit')
    let said = ''
    for (const stream of [watch.stdout, watch.stderr])
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    await eventually(() => expect(said).toContain('node1, node2: protected'))
    await lab.file('mine.yaml', inventory)
    await eventually(() => expect(said).toMatch(/warning: fw_interface is not set|protected -> /))
    await lab.jump.run('rm watched.html')
    await lab.file('mine.yaml', set)
    await eventually(async () => expect((await lab.jump.run('test -e watched.html')).code).toBe(0))
    watch.kill('SIGTERM')
    expect(await end).toEqual([0, null])
    expect(said).not.toContain('protected -> ')
  })

  it.each(['C-c', 'C-d'])('%s at the question changes nothing and ends with 130', async (key) => {
    const terminal = await openTerminal(lab, ['apply'])
    await terminal.shows(/Which interface receives traffic/)
    await terminal.type(key)
    await terminal.shows(/exit code 130/)
    expect(await guards(lab, 'node1')).toEqual([])
    await terminal.close()
  })
})

/** Hosts whose interface is a VLAN of a bond, and whether the outsider reaches the pod of each. */
async function startVlans(): Promise<{ lab: Lab; pings: () => Promise<readonly boolean[]> }> {
  const each = { interface: 'bond0.100' }
  const lab = await startLab({ hosts: [{ backend: 'nft' }, {}], each })
  const pings = () => Promise.all(lab.hosts.map(({ pod }) => lab.outsider.canPing(pod.address)))
  return { lab, pings }
}

const eachGuard = { node1: 'nft', node2: 'mangle' }

describe('guards before routing for all interfaces whose names begin alike', () => {
  it('guard each VLAN that is there or comes later, and no other interface', async ({
    onTestFinished,
  }) => {
    const { lab, pings } = await startVlans()
    onTestFinished(() => lab.stop())
    const vars = { fw_interface: ['bond0.*'] }
    const rename = async (name: string, to: string): Promise<void> => {
      for (const host of lab.hosts) {
        await host.run(
          `ip link set ${name} down; ip link set ${name} name ${to}; ip link set ${to} up`,
        )
      }
    }
    const run = await withGuard(lab, eachGuard, ['apply'], vars)
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await pings()).toEqual([false, false])
    expect(await lab.pod(1).canPing(lab.pod(2).address)).toBe(true)
    expect((await withGuard(lab, eachGuard, ['apply'], vars)).stdout).toContain('nothing to do')
    await rename('bond0.100', 'bond0.5')
    expect(await pings()).toEqual([false, false])
    expect((await withGuard(lab, eachGuard, ['status'], vars)).code).toBe(0)
    await rename('bond0.5', 'bond0x')
    expect(await pings()).toEqual([true, true])
    await rename('bond0x', 'bond0.100')
    expect((await withGuard(lab, eachGuard, ['remove'], vars)).code).toBe(0)
    expect(await pings()).toEqual([true, true])
  })
})

describe('guards before routing for a VLAN of a bond, and for an interface that is not there yet', () => {
  it('take them by their names, and guard the second as soon as it exists', async ({
    onTestFinished,
  }) => {
    const { lab, pings } = await startVlans()
    onTestFinished(() => lab.stop())
    const vars = { fw_interface: ['bond0.100', 'ens99'] }
    expect(await pings()).toEqual([true, true])
    const run = await withGuard(lab, eachGuard, ['apply'], vars)
    expect(run.stdout).toContain('there is no interface ens99 yet')
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await pings()).toEqual([false, false])
    for (const host of lab.hosts) {
      await host.run(
        'ip link set bond0.100 down; ip link set bond0.100 name ens99; ip link set ens99 up',
      )
    }
    expect(await pings()).toEqual([false, false])
    expect((await withGuard(lab, eachGuard, ['remove'], vars)).code).toBe(0)
    expect(await pings()).toEqual([true, true])
  })
})
