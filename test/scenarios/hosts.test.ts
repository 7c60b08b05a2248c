import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { executable, firewalls, fwRun, type Run } from './fw-run.ts'
import { everything } from './guarded.ts'
import { openTerminal } from './terminal.ts'

const yaml = `# the cluster of the second floor
all:
  vars:
    ansible_user: ops   # not root
    fw_interface: ens18
    fw_guard: GUARD
    fw_pod_cidrs: [10.42.0.0/16]
  hosts:
    node1: { ansible_host: 192.168.64.11 }   # the first
    # rack 2
    node2: { ansible_host: 192.168.64.12 }

    node3: { ansible_host: 192.168.64.13 }
# the end
`
const yamlWith4 = yaml.replace('64.13 }\n', '64.13 }\n    node4: { ansible_host: 192.168.64.14 }\n')

const ini = `# the cluster of the second floor
[kube_control_plane]
node1   ansible_host=192.168.64.11   # the first

[kube_node]
node2   ansible_host=192.168.64.12
node3   ansible_host=192.168.64.13

[k8s_cluster:children]
kube_control_plane
kube_node
[all:vars]
ansible_user=ops
fw_interface=ens18
fw_guard=GUARD
fw_pod_cidrs=10.42.0.0/16
`
const iniWith4 = ini.replace('64.13\n', '64.13\nnode4   ansible_host=192.168.64.14\n')

describe('a fourth node of a protected cluster', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 4 })
    // node4 speaks to pods over the subnet, as an outsider would, so that guards judge its packets.
    await lab.host('node4').run('ip route replace 10.42.1.0/24 via 192.168.64.11')
    await leave()
  })
  afterAll(() => lab.stop())

  const others = ['node1', 'node2', 'node3']
  /** As flannel forgets a node that is deleted from the cluster, and knows one that joins. */
  const leave = async (): Promise<void> => {
    for (const name of others) await lab.host(name).run('ip route del 10.42.4.0/24')
  }
  const join = async (): Promise<void> => {
    for (const name of others)
      await lab.host(name).run('ip route add 10.42.4.0/24 via 10.42.4.0 dev flannel.1 onlink')
  }

  let inventory = ''
  const run = (...words: readonly string[]): Promise<Run> =>
    fwRun(lab, words, { env: { FW_RUN_INVENTORY: inventory } })
  const text = async (): Promise<string> => (await lab.jump.run(`cat ${inventory}`)).stdout
  const beside = async (): Promise<string> => (await lab.jump.run('ls -A | grep before-')).stdout
  const done = ({ code, stdout, stderr }: Run): string =>
    code === 0 ? 'done' : `${code}\n${stdout}\n${stderr}`
  /** Whether the new node reaches a pod of the others, and whether an outsider reaches its pod. */
  const packets = async () => ({
    nodeReachesPods: await lab.host('node4').canPing(lab.pod(1).address),
    outsiderReachesIts: await lab.outsider.canPing(lab.pod(4).address),
    outsiderReachesOthers: await lab.outsider.canPing(lab.pod(1).address),
  })
  const outside = { nodeReachesPods: false, outsiderReachesIts: true, outsiderReachesOthers: false }
  const inside = { nodeReachesPods: true, outsiderReachesIts: false, outsiderReachesOthers: false }

  it.each([
    ['forward', 'yaml', yaml, yamlWith4],
    ['nft', 'ini', ini, iniWith4],
    ['mangle', 'yaml', yaml, yamlWith4],
  ])(
    'is added and removed again under the guard %s, by its packets and in the file to the byte (%s)',
    async (guard, extension, three, four) => {
      const bare = await everything(lab)
      const withGuard = (lines: string): string => lines.replace('GUARD', guard)
      inventory = await lab.file(`floor.${extension}`, withGuard(three))
      await lab.jump.run(`chmod 640 ${inventory}`)
      expect(done(await run('apply'))).toBe('done')
      expect(await packets()).toEqual(outside)

      const checked = await run('hosts', 'add', 'node4=192.168.64.14', '--check')
      expect(checked.code).toBe(3)
      expect(checked.stdout).toMatch(/floor\.\w+ would get node4\.\n/)
      expect(await text()).toBe(withGuard(three))

      const first = ['--serial-first', 'node4', '--serial', '2'] as const
      const added = await run('hosts', 'add', 'node4=192.168.64.14', ...first, '--output', 'json')
      expect(done(added)).toBe('done')
      expect(added.json()).toMatchObject({ waves: [['node4'], ['node1', 'node2'], ['node3']] })
      expect(added.json()).toMatchObject({ edit: { change: 'add', host: 'node4', written: true } })
      expect(await text()).toBe(withGuard(four))
      expect((await lab.jump.run(`stat -c %a ${inventory}`)).stdout).toBe('640\n')
      expect(await packets()).toEqual(inside)
      expect(done(await run('status'))).toBe('done')
      await join()

      const inUse = await everything(lab)
      const refused = await run('hosts', 'remove', 'node4')
      expect(refused.stdout).toMatch(
        /node4 is still a node of the cluster[\s\S]*kubectl drain node4 --ignore-daemonsets[\s\S]*--leave-outside/,
      )
      expect(refused.stdout).toMatch(/floor\.\w+ is unchanged\.\n/)
      expect(refused.code).toBe(2)
      expect(await everything(lab)).toEqual(inUse)
      expect(await text()).toBe(withGuard(four))
      if (guard !== 'forward') await leave()

      const twice = guard === 'forward' ? ['--leave-outside'] : []
      const removed = await run('hosts', 'remove', 'node4', ...twice)
      expect(done(removed)).toBe('done')
      expect(removed.stdout).toMatch(
        /node4 is no longer in floor\.\w+\.\n|node4 is no longer in \//,
      )
      if (guard === 'forward') await leave()
      expect(await text()).toBe(withGuard(three))
      expect(await packets()).toEqual(outside)
      expect((await everything(lab))[3]).toBe(bare[3])
      expect(done(await run('status'))).toBe('done')
      expect(await beside()).toBe('')
      expect(done(await run('remove'))).toBe('done')
      expect(await everything(lab)).toEqual(bare)
    },
  )

  describe('that cannot be added or removed', () => {
    const three = yaml.replace('GUARD', 'forward')
    let before: readonly string[] = []
    beforeAll(async () => {
      inventory = await lab.file('floor.yaml', three)
      expect(done(await run('apply'))).toBe('done')
      before = await firewalls(lab)
    })
    /** Nothing has changed, neither on the hosts nor in the file. */
    const unchanged = async (): Promise<void> => {
      await eventually(async () => expect(await firewalls(lab)).toEqual(before))
      expect(await text()).toBe(three)
      expect(await beside()).toBe('')
    }

    it('because a host fails: all is rolled back, and the file is untouched', async () => {
      await lab.host('node2').breakTool('ipset', { whenArgs: 'restore', message: 'no' })
      const failed = await run('hosts', 'add', 'node4=192.168.64.14', '--serial', '1')
      await lab.host('node2').mendTools()
      expect(failed.stdout).toContain('rolled back in wave 2 of 4 because of node2; every host is')
      expect(failed.stdout).toMatch(/floor\.yaml is unchanged\.\n/)
      expect(failed.code).toBe(2)
      await unchanged()
    })

    it('because somebody else has changed the file meanwhile: all is rolled back, and their text stays', async () => {
      await lab.host('node2').holdTool('ipset', 'restore')
      const failing = run('hosts', 'add', 'node4=192.168.64.14')
      const changed = 'until ipset test cluster_nodes 192.168.64.14 2>/dev/null; do sleep 0.1; done'
      await lab.host('node1').run(changed)
      const theirs = three.replace('# rack 2', '# rack 3')
      await lab.file('floor.yaml', theirs)
      await lab.host('node2').mendTools()
      const failed = await failing
      expect(failed.stdout).toMatch(
        /the inventory:\n +\S+floor\.yaml: another program has changed this file/,
      )
      expect(failed.code).toBe(2)
      expect(await text()).toBe(theirs)
      await lab.file('floor.yaml', three)
      await unchanged()
    })

    it('because of Ctrl-C: all is rolled back, and the file is untouched', async () => {
      await lab.file('mine.yaml', three)
      await lab.host('node2').holdTool('ipset', 'restore')
      const terminal = await openTerminal(lab, ['hosts', 'add', 'node4=192.168.64.14'])
      await terminal.shows(/Apply and verify: 3 of 4/)
      await terminal.type('C-c')
      await terminal.shows(/Interrupted: fw-run stops/)
      await lab.host('node2').mendTools()
      const screen = await terminal.shows(/^exit code \d+/m)
      await terminal.close()
      expect(screen).toContain('exit code 130')
      expect((await lab.jump.run('cat mine.yaml')).stdout).toBe(three)
      await unchanged()
    })

    /** Kills a run as soon as its journal has such a line. */
    const killed = async (words: readonly string[], line: string): Promise<void> => {
      const argv = ['node', executable, 'hosts', ...words, '--lease', '20', '-i', inventory]
      const runner = lab.jump.spawn(argv, { stdio: 'ignore' })
      const newest = '.local/state/fw-run/runs/$(ls -t .local/state/fw-run/runs | head -n 1)'
      const count = async () => (await lab.jump.run(`grep -c '${line}' ${newest}`)).stdout
      await eventually(async () => expect(await count()).toBe('3\n'))
      runner.kill('SIGKILL')
    }

    it('because the runner is killed: the file is untouched, and recover also looks at the new host', async () => {
      await lab.host('node2').holdTool('ipset', 'restore')
      await killed(['add', 'node4=192.168.64.14'], '"phase":"apply"')
      await lab.host('node2').mendTools()
      const recovered = await run('recover')
      expect(recovered.stdout).toMatch(
        /4 hosts: node1, node2, node3, node4\n {4}as before that run/,
      )
      expect(done(recovered)).toBe('done')
      await unchanged()
    })

    it('but the runner is killed after its decision: the file has the change, and recover finishes it also on the host that is gone from it', async () => {
      expect(done(await run('hosts', 'add', 'node4=192.168.64.14'))).toBe('done')
      expect(await text()).toBe(yamlWith4.replace('GUARD', 'forward'))
      const broken = { whenArgs: 'armed.*committed', message: 'mv: Read-only file system' }
      await lab.host('node4').breakTool('mv', broken)
      await killed(['remove', 'node4', '--leave-outside'], '"phase":"commit".*"ok":true')
      // Else its last try to commit could still succeed.
      const left = async () => (await lab.host('node4').run('ls -A /run/fw-run')).stdout
      await eventually(async () => expect(await left()).toBe('note\n'))
      await lab.host('node4').mendTools()
      expect(await text()).toBe(three)
      expect(await beside()).toMatch(/^\.floor\.yaml\.before-\S+\n$/)
      // An apply on the others does not finish it: node4 is out of its reach.
      const applied = await run('apply')
      expect(done(applied)).toBe('done')
      expect(applied.stderr.replace(/\s+/g, ' ')).toMatch(
        /node4 may still be protected\. `fw-run recover -i \S+` finishes that run/,
      )
      const calico = (word: string) => `ipset ${word} cali40all-hosts-net 192.168.64.14`
      await lab.host('node1').run(calico('add'))
      const recovered = await run('recover')
      await lab.host('node1').run(calico('del'))
      expect(recovered.stdout).toMatch(/1 host: node4\n {4}delete/)
      expect(done(recovered)).toBe('done')
      expect(await beside()).toBe('')
      expect(await packets()).toEqual(outside)
      expect((await firewalls(lab))[3]).toBe(before[3])
      expect(done(await run('status'))).toBe('done')
    })

    it('but cannot be logged in to: it leaves the others and the file, and the command in the warning removes its guard later', async () => {
      expect(done(await run('remove'))).toBe('done')
      const bare = await firewalls(lab)
      const other = (hosts: string): string =>
        hosts.replace('vars:\n', 'vars:\n    fw_set: k8s_nodes\n')
      inventory = await lab.file('other.yaml', other(yamlWith4.replace('GUARD', 'forward')))
      expect(done(await run('apply'))).toBe('done')
      await lab.host('node4').killSshd()
      const removed = await run('hosts', 'remove', 'node4', '--output', 'json')
      const document = removed.json()
      expect(document).toMatchObject({
        ...{ outcome: 'done', exitCode: 3, tolerated: ['node4'], edit: { written: true } },
        hosts: [{}, {}, {}, { host: 'node4', state: 'left-out', protection: 'unknown' }],
        words: expect.stringContaining('node4 was left out, and may still have its guard.'),
      })
      expect(await text()).toBe(other(three))
      const members = await lab.host('node1').run('ipset list k8s_nodes | grep -c ^192')
      expect(members.stdout).toBe('3\n')
      expect(done(await run('status'))).toBe('done')
      const { run: id } = Object(document)
      const past = await run('runs', id, '--output', 'json')
      expect(JSON.parse(past.stdout)).toMatchObject({ past: { tolerated: ['node4'] } })
      const warnings = Object(document).warnings.join('\n')
      const [, command = ''] = /`fw-run (remove -i 192\.168\.64\.14,[^`]*)`/.exec(warnings) ?? []
      await lab.host('node4').startSshd()
      const cleared = await lab.jump.run(`node ${executable} ${command}`)
      expect(done({ ...cleared, json: removed.json })).toBe('done')
      expect((await firewalls(lab))[3]).toBe(bare[3])
    })
  })
})
