import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal, type Terminal } from './terminal.ts'

describe('--ask', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 2 })
  })
  afterAll(() => lab.stop())

  const askAbout = async (command: 'apply' | 'remove'): Promise<Terminal> => {
    const before = await firewalls(lab)
    const terminal = await openTerminal(lab, [command, '--ask'])
    const question = await terminal.shows(
      /Change 2 hosts\? \(y\/N; without an answer in \d+ s: no\)/,
    )
    expect(question).toMatch(/TO BE CHANGED\n {2}2 hosts: .*\n.* rule 12 of/s)
    expect(await firewalls(lab)).toEqual(before)
    return terminal
  }

  it('changes nothing without a yes', async () => {
    const before = await firewalls(lab)
    const terminal = await askAbout('apply')
    await terminal.type('n', 'Enter')
    const screen = await terminal.shows(/^exit code \d+/m)
    await terminal.close()
    expect(screen).toContain('the answer was no: nothing was changed')
    expect(screen).toContain('apply: you did not say yes, so nothing was changed.')
    expect(screen).toContain('exit code 130')
    expect(await firewalls(lab)).toEqual(before)
    expect((await fwRun(lab, ['runs'])).stdout).toMatch(
      /apply .* not confirmed \(the answer was no\); nothing was changed/,
    )
  })

  it('changes the hosts after a yes, to protect and to remove', async () => {
    for (const [command, rules] of [
      ['apply', [articleGuard]],
      ['remove', []],
    ] as const) {
      const terminal = await askAbout(command)
      await terminal.type('y', 'Enter')
      const screen = await terminal.shows(/^exit code \d+/m)
      await terminal.close()
      expect(screen).toContain(`${command}: done, 2 of 2 hosts changed.`)
      expect(await guards(lab, 'node2')).toEqual(rules)
    }
  })

  it('asks again where the plan has changed while it asked', async () => {
    const terminal = await askAbout('apply')
    await lab.host('node1').run('iptables -I FORWARD 1 -s 203.0.113.9 -j DROP')
    await terminal.type('y', 'Enter')
    const screen = await terminal.shows(
      /The plan has changed since[\s\S]*Change 2 hosts\? |^exit code \d+/m,
    )
    await terminal.type('n', 'Enter')
    await terminal.shows(/^exit code 130/m)
    await terminal.close()
    await lab.host('node1').run('iptables -D FORWARD 1')
    expect(screen).toContain('The plan has changed since the last question.')
    expect(await guards(lab, 'node2')).toEqual([])
  })

  it('does not ask again because the table has stopped packets meanwhile', async () => {
    const nft = ['-e', 'fw_guard=nft']
    expect((await fwRun(lab, ['apply', ...nft])).code).toBe(0)
    const terminal = await openTerminal(lab, ['remove', '--ask', ...nft])
    await terminal.shows(/Change 2 hosts\? /)
    const { pod } = lab.host('node1')
    expect(await lab.outsider.canConnect(pod.address)).toBe(false)
    const { stdout } = await lab.host('node1').run('nft list table inet fw_run')
    expect(stdout).toMatch(/packets [1-9]\d* bytes/)
    await terminal.type('y', 'Enter')
    const screen = await terminal.shows(/The plan has changed|^exit code \d+/m)
    await terminal.close()
    expect(screen).toContain('remove: done, 2 of 2 hosts changed.')
  })

  it('without a terminal is bad usage, before any connection', async () => {
    const connections = await lab.host('node1').sshConnections()
    const run = await fwRun(lab, ['remove', '--ask'])
    expect(run.stderr).toContain(
      '--ask needs a terminal: stdin and stderr must both be a terminal. fw-run connected to no host.',
    )
    expect(run.code).toBe(5)
    expect(await lab.host('node1').sshConnections()).toBe(connections)
  })

  it('asks about an inventory file where no host is to be changed', async () => {
    await fwRun(lab, ['apply'])
    const before = await firewalls(lab)
    const cluster = '  children: { k8s_cluster: { hosts: { node1: , node2: } } }\n'
    const text = `${lab.inventoryYaml({ hosts: { lb1: { ansible_host: '192.168.64.99' } } })}${cluster}`
    const file = await lab.file('floor.yaml', text)
    const written = async (): Promise<string> => (await lab.jump.run(`cat ${file}`)).stdout
    for (const [flag, answer, code] of [
      ['--confirm', 'n', 130],
      ['--ask', 'n', 130],
      ['--ask', 'y', 0],
    ] as const) {
      const words = ['hosts', 'remove', 'lb1', flag, '-i', file]
      const terminal = await openTerminal(lab, words, 'none')
      const question = await terminal.shows(/\(y\/N; |^exit code/m)
      expect(question).toMatch(/Change the file \S*floor\.yaml\? \(y\/N; /)
      expect(question).toMatch(/INVENTORY\n {2}\S*floor\.yaml would lose lb1\./)
      expect(await written()).toBe(text)
      await terminal.type(answer, 'Enter')
      await terminal.shows(new RegExp(`^exit code ${code}`, 'm'))
      await terminal.close()
      expect((await written()).includes('lb1')).toBe(answer === 'n')
    }
    expect(await firewalls(lab)).toEqual(before)
  })

  it('asks nothing where nothing is to be changed, and -q then says little', async () => {
    await fwRun(lab, ['apply'])
    const terminal = await openTerminal(lab, ['apply', '--ask', '-q'])
    const screen = await terminal.shows(/^exit code 0/m)
    await terminal.close()
    expect(screen).not.toContain('Change ')
    expect(screen).toMatch(
      /^RECAP\nnode1 .*\nnode2 .*\n\napply: nothing to do on 2 hosts\.\nexit code 0/,
    )
  })
})
