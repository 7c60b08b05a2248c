import { afterEach, describe, expect, it } from 'vitest'
import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, executable, firewalls, fwRun, guards } from './fw-run.ts'
import { openTerminal } from './terminal.ts'

/** Root gets the password of ops, and PAM asks for it. */
const rootPassword = `hash=$(sed -n 's/^ops:\\([^:]*\\):.*/\\1/p' /etc/shadow)
  sed -i "s|^root:[^:]*:|root:$hash:|" /etc/shadow
  for service in su doas; do printf '%s\\n' 'auth required pam_unix.so' 'account required pam_unix.so' >/etc/pam.d/$service; done`

/** What each of four hosts in a row demands of who wants to be root, and the variables for it. */
const ways = [
  { shell: 'true', vars: {} },
  { shell: "echo 'Defaults requiretty' >>/etc/sudoers", vars: {} },
  { shell: rootPassword, vars: { ansible_become_method: 'su' } },
  {
    shell: `${rootPassword}; echo 'permit ops as root' >/etc/doas.conf; chmod 400 /etc/doas.conf`,
    vars: { ansible_become_method: 'doas' },
  },
]

function wayOf({ spec }: LabHost) {
  return ways[spec.index % ways.length] ?? { shell: '', vars: {} }
}

describe('apply by a user who becomes root', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  async function prepare(hosts: number): Promise<Readonly<Record<string, string>>> {
    lab = await startLab({ hosts, each: { login: 'sudo-password' } })
    for (const host of lab.hosts) await host.run(wayOf(host).shell)
    const vars = Object.fromEntries(lab.hosts.map((host) => [host.name, wayOf(host).vars]))
    return { FW_RUN_INVENTORY: await lab.file('ways.yaml', lab.inventoryYaml({ hosts: vars })) }
  }

  it('by sudo, sudo on a terminal, su and doas takes one password for 20 hosts', async () => {
    const env = await prepare(20)
    // One line: a second question would find nothing to read.
    const stdin = 'ops-password\n'
    const applied = await fwRun(lab, ['apply', '-K', '-T', '120'], { env, stdin })
    expect(applied.stdout + applied.stderr).toContain('apply: done, 20 of 20 hosts changed.')
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
    expect(applied.stdout + applied.stderr).not.toContain('ops-password')
    expect((await fwRun(lab, ['remove', '-K', '-T', '120'], { env, stdin })).code).toBe(0)
  })

  it('asks for the password on the terminal where the inventory comes by stdin', async () => {
    const { FW_RUN_INVENTORY } = await prepare(2)
    await lab.file('mine.yaml', (await lab.jump.run(`cat ${FW_RUN_INVENTORY}`)).stdout)
    const terminal = await openTerminal(lab, ['apply', '-K'], 'by stdin')
    await terminal.shows(/sudo or su password/)
    await terminal.type('ops-password', 'Enter')
    expect(await terminal.shows(/^exit code \d+/m)).toContain('apply: done, 2 of 2 hosts changed.')
    await terminal.close()
    const mute = await lab.jump.run(
      `setsid -w node ${executable} status -K -i - <${FW_RUN_INVENTORY}`,
    )
    expect(mute.stderr).toMatch(/cannot ask "sudo or su password": there is no terminal/)
    expect(mute.code).toBe(5)
  })

  it('is rolled back on every host when its process is killed', async () => {
    const env = await prepare(4)
    const before = await firewalls(lab)
    await lab.host('node4').holdTool('ipset', 'restore|create|swap')
    const line = `echo ops-password | node ${executable} apply -K -T 120 & echo $! >runner; wait`
    const applying = lab.jump.run(line, { env })
    for (const name of ['node1', 'node2', 'node3']) {
      const changed = 'until iptables -S FORWARD | grep -q cluster_nodes; do sleep 0.1; done'
      await lab.host(name).run(changed)
    }
    await lab.jump.run('kill -KILL $(cat runner)')
    await lab.host('node4').mendTools()
    await applying
    const settled =
      'until ! iptables -S FORWARD | grep -q cluster_nodes && [ ! -e /run/fw-run/lock ]; do sleep 0.1; done'
    for (const host of lab.hosts) await host.run(settled)
    expect(await firewalls(lab)).toEqual(before)
  })
})
