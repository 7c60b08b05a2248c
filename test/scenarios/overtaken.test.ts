import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

let lab: Lab
afterEach(() => lab?.stop())

/** Makes somebody write to node2 after its sets and rules were read, of which `iptables-save -c` is the last; `when` says how often. */
async function writeOnceRead(written: string, when: string): Promise<void> {
  await lab.host('node2').run(
    `rm /usr/sbin/iptables-save
     printf '%s\\n' '#!/bin/sh' 'xtables-legacy-multi iptables-save "$@"; code=$?' 'if [ "$*" = -c ] && ${when}; then' '${written}' 'fi; exit $code' >/usr/sbin/iptables-save
     chmod 755 /usr/sbin/iptables-save`,
  )
}
const once = '! test -e /tmp/once && : >/tmp/once'

/** What `runs` tells of the last run. */
async function lastRun(): Promise<string> {
  const journals = (await lab.jump.run('ls -t .local/state/fw-run/runs')).stdout
  const { stdout } = await fwRun(lab, ['runs', journals.split('.', 1).join()])
  return stdout
}

describe('apply, where somebody writes to a host that has been read', () => {
  it('plans that host again, sends no other host a further request, and records the plan that was carried out', async () => {
    lab = await startLab({ hosts: 3 })
    await writeOnceRead('iptables -I FORWARD -s 203.0.113.7 -j DROP', once)
    const run = await fwRun(lab, ['apply', '--lease', '600', '--output', 'json'])
    expect(run.code).toBe(0)
    expect(run.json().hosts.map(({ requests }) => requests)).toEqual([3, 5, 3])
    const lower = articleGuard.replace('12', '13')
    const all = await Promise.all(lab.hosts.map(({ name }) => guards(lab, name)))
    expect(all).toEqual([[articleGuard], [lower], [articleGuard]])
    const told = await lastRun()
    expect(told).toMatch(/hosts: node1, node3\n.*\n +insert rule 12 /)
    expect(told).toMatch(/host: node2\n.*\n +insert rule 13 /)
    expect((await fwRun(lab, ['status'])).code).toBe(0)
  })

  it('finds nothing left to do where somebody has done it by hand', async () => {
    lab = await startLab({ hosts: 2 })
    const rule = 'FORWARD 12 -i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
    const members = lab.hosts.map(({ address }) => `ipset add cluster_nodes ${address}`)
    const set = ['ipset create cluster_nodes hash:ip', ...members].join('; ')
    await writeOnceRead(`${set}; iptables -I ${rule}`, once)
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout).toContain('apply: done, 1 of 2 hosts changed.')
    const told = await lastRun()
    expect(told).toContain('host: node2\n    nothing left to change\n')
    expect(told).toMatch(/node1 : changed\n +node2 : not touched\n\nruns: changed 1 of 2\./)
  })

  it('mends also a host that had nothing to change when it was read', async () => {
    lab = await startLab({ hosts: 2 })
    await fwRun(lab, ['apply'])
    await lab.host('node1').run('iptables -D FORWARD 12')
    await writeOnceRead('iptables -D FORWARD 12', once)
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
    expect(await lastRun()).toContain('2 hosts: node1, node2\n    insert rule 12 ')
  })

  it('gives up where that happens each time, with everything as it was', async () => {
    lab = await startLab({ hosts: 2 })
    const rule = 'FORWARD -s 203.0.113.7 -j DROP'
    await writeOnceRead(`iptables -D ${rule} 2>/dev/null || iptables -I ${rule}`, 'true')
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(2)
    expect(run.stdout).toContain(
      'apply: gave up: other programs changed the rules again and again on node2; every host is as before.',
    )
    expect(await guards(lab, 'node1')).toEqual([])
    expect(await guards(lab, 'node2')).toEqual([])
    expect(run.stdout).toContain('-> Run the same command again in a minute.')
    await lab.host('node2').run('ln -sf xtables-legacy-multi /usr/sbin/iptables-save')
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
  })

  it('changes no host if that one has no good position for the rule any more', async () => {
    lab = await startLab({ hosts: 3 })
    const accept = 'FORWARD -i ens18 -d 10.42.0.0/16 -j ACCEPT'
    await lab.host('node2').run(`iptables -I ${accept}`)
    const before = await firewalls(lab)
    await lab.host('node2').run(`iptables -D ${accept}`)
    await writeOnceRead(`iptables -I ${accept}`, once)
    const run = await fwRun(lab, ['apply'])
    expect(run.code).toBe(2)
    expect(run.stdout).toMatch(
      /node2 at apply:\n +fw-run read the host again, and now it is not ready: no position in FORWARD is good/,
    )
    expect(run.stdout).toContain('-> `fw-run preflight` shows which check')
    expect(run.stdout).toContain('apply: rolled back because of node2; every host is as before.')
    expect(await firewalls(lab)).toEqual(before)

    const { stdout } = await fwRun(lab, ['preflight'])
    const [, rule] =
      /If rule (\d+) of\s+FORWARD\s+is\s+your\s+own,\s+delete\s+it/.exec(stdout) ?? []
    expect((await lab.host('node2').run(`iptables -D FORWARD ${rule}`)).code).toBe(0)
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
  })
})

describe('apply, where the inventory gets another member', () => {
  const membersOf = async (): Promise<string> =>
    (await lab.host('node1').run('ipset list cluster_nodes')).stdout

  it('while it asks for a password, or whether to keep the change: never takes that member out again', async () => {
    lab = await startLab({ hosts: 1 })
    const extra = (...members: readonly string[]): Promise<string> =>
      lab.file('mine.yaml', lab.inventoryYaml({ vars: { fw_extra_members: members } }))
    const env = { FW_RUN_INVENTORY: await extra() }
    for (const [words, question, keys, last] of [
      [['-K'], /sudo password/, ['x', 'Enter'], 'apply: refused, nothing was changed.'],
      [['--confirm', '600'], /\(y\/N/, ['y', 'Enter'], 'apply: rolled back because'],
    ] as const) {
      const terminal = await openTerminal(lab, ['apply', ...words])
      await terminal.shows(question)
      await extra('192.0.2.1')
      if (words[0] === '-K') expect((await fwRun(lab, ['apply'], { env })).code).toBe(0)
      await terminal.type(...keys)
      const screen = await terminal.shows(/^exit code \d+/m)
      await terminal.close()
      expect(screen).toContain(last)
      expect(screen.replace(/\s+/g, ' ')).toMatch(
        /mine\.yaml was changed, deleted or made unreadable after fw-run read it .*-> Run the same command again\./,
      )
      if (words[0] === '-K') expect(await membersOf()).toContain('192.0.2.1\n')
      else expect(await guards(lab, 'node1')).toEqual([])
      await fwRun(lab, ['remove'], { env })
      await extra()
    }
  })
})

describe('apply, where a later run decides about a host that did not confirm', () => {
  it('does not make its change there again, and recover leaves that host to the later run', async () => {
    lab = await startLab({ hosts: 2 })
    await lab.host('node2').holdTool('mv', 'committed')
    const running = fwRun(lab, ['apply', '--lease', '5'])
    const locked = async (): Promise<string> =>
      (await lab.host('node1').run('ls /run/fw-run; iptables -S FORWARD')).stdout
    await eventually(async () => expect(await locked()).toMatch(/^-P[\s\S]*cluster_nodes/))
    const runner = '^node .*fw-ru[n][.]js apply'
    await lab.jump.run(`pkill -STOP -f '${runner}'`)
    await eventually(async () => expect(await guards(lab, 'node2')).toEqual([]))
    await lab.host('node2').mendTools()
    expect((await fwRun(lab, ['remove'])).code).toBe(0)
    await lab.jump.run(`pkill -CONT -f '${runner}'`)
    const run = await running
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([])
    expect(run.code).toBe(8)
    expect(run.stdout).toMatch(/node2 NOT COMPLETE:\n.*run \S+\s+has\s+changed\s+or\s+checked\s+it/)
    expect(run.stdout).toMatch(/apply: NOT COMPLETE on node2.* Run `fw-run recover/)
    expect((await fwRun(lab, ['recover'])).code).toBe(0)
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([])
  })
})

describe('apply, where others have moved the rule', () => {
  it('leaves it there as long as it works', async () => {
    lab = await startLab({ hosts: 1 })
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
    await lab.host('node1').run('iptables -I FORWARD -s 203.0.113.7 -j DROP')
    expect((await fwRun(lab, ['status'])).code).toBe(0)
    expect((await fwRun(lab, ['apply'])).stdout).toContain('nothing to do on 1 host.')
    await lab.host('node1').run('iptables -I FORWARD -d 10.42.0.0/16 -j ACCEPT')
    expect((await fwRun(lab, ['status'])).code).not.toBe(0)
  })
})
