import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleGuard, executable, firewalls, fwRun, guards, type Run } from './fw-run.ts'
import { restartSshd } from './sshd.ts'

/** Hosts by number, of which the first are bastions; they are in no inventory. */
const gate = 'Host gate\n  HostName 192.168.64.11\n  User ops\n'

function inventoryOf(names: readonly string[], more = ''): string {
  const hosts = names.map((name) => `    ${name}: {${more}}\n`).join('')
  return `all:\n  vars: { fw_interface: ens18, fw_extra_members: [192.168.64.11, 192.168.64.12] }\n  hosts:\n${hosts}`
}

function blocksFor(lab: Lab, names: readonly string[], more: string): string {
  return names
    .map((name) => `Host ${name}\n  HostName ${lab.host(name).address}\n  User ops\n${more}`)
    .join('')
}

/** Success; else the test shows what the run said. */
function expectDone({ code, stdout, stderr }: Run): void {
  expect(code === 0 ? 'done' : `${code}\n${stdout}\n${stderr}`).toBe('done')
}

describe('apply, by the SSH configuration', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  /** Runs with this configuration given as -F, and these hosts as the inventory. */
  async function withConfig(
    config: string,
    inventory: string,
    words: readonly string[],
  ): Promise<Run> {
    const file = await lab.file('ssh-config', config)
    const env = {
      FW_RUN_INVENTORY: await lab.file('minimal.yaml', inventory),
      FW_RUN_SSH_CONFIG: file,
    }
    return fwRun(lab, words, { env })
  }

  /** From where a host was connected. */
  async function sources(host: LabHost): Promise<readonly string[]> {
    const { stdout } = await host.run(
      "sed -n 's/^Connection from \\(\\S*\\) .*/\\1/p' /var/log/sshd.log | sort -u",
    )
    return stdout.split('\n').filter(Boolean)
  }

  it('works for a newcomer with his own configuration and names only', async () => {
    lab = await startLab({ hosts: 3 })
    const names = ['node2', 'node3']
    const config = `${gate}${blocksFor(lab, names, '  IdentityFile /dev/shm/jump/.ssh/id_ed25519\n  IdentitiesOnly yes\n  ProxyJump gate\n')}Host gate\n  IdentityFile /dev/shm/jump/.ssh/id_ed25519\n`
    await lab.file('.ssh/config', config)
    const env = { FW_RUN_INVENTORY: await lab.file('minimal.yaml', inventoryOf(names)) }
    expectDone(await fwRun(lab, ['apply'], { env }))
    for (const name of names) expect(await guards(lab, name)).toEqual([articleGuard])
    const members = await lab.host('node2').run('ipset list cluster_nodes | grep ^192 | sort')
    expect(members.stdout).toBe('192.168.64.11\n192.168.64.12\n192.168.64.13\n')
    // Both came through the bastion, in one connection.
    expect(await sources(lab.host('node2'))).toEqual(['192.168.64.11'])
    expect(await lab.host('node1').sshConnections()).toBe(1)
    expect((await fwRun(lab, ['status'], { env })).code).toBe(0)
    const without = await fwRun(lab, ['status', '--no-ssh-config'], { env })
    expect(without.code).toBe(1)
    expect(without.stderr).toContain('has no IPv4 address for the set')
  })

  it('goes through two bastions, one behind the other, also as Kubespray names them', async () => {
    lab = await startLab({ hosts: 4 })
    const config = `${gate}Host inner\n  HostName 192.168.64.12\n  User ops\n  ProxyJump gate\n`
    const names = ['node3', 'node4']
    const hosts = blocksFor(lab, names, '  ProxyJump inner\n')
    const applied = await withConfig(config + hosts, inventoryOf(names), ['apply'])
    expectDone(applied)
    expect(await sources(lab.host('node3'))).toEqual(['192.168.64.12'])
    expect(await sources(lab.host('node2'))).toEqual(['192.168.64.11'])
    expect(await lab.host('node1').sshConnections()).toBe(1)
    expect(await lab.host('node2').sshConnections()).toBe(1)

    const args = `-o ProxyCommand=\\"ssh -W %h:%p -q gate\\"`
    const status = await withConfig(
      gate,
      `all:
  vars: { fw_interface: ens18, ansible_user: ops, fw_extra_members: [192.168.64.11, 192.168.64.12], ansible_ssh_common_args: "${args}" }
  hosts:
    node3: { ansible_host: 192.168.64.13 }
    node4: { ansible_host: 192.168.64.14 }
`,
      ['status'],
    )
    expectDone(status)
    expect(await sources(lab.host('node3'))).toEqual(['192.168.64.11', '192.168.64.12'])
  })

  it('brings 20 hosts through one bastion that lets few log in at once', async () => {
    lab = await startLab({ hosts: 21 })
    await restartSshd(lab.host('node1'), 'MaxStartups=10:30:60', 'MaxSessions=10')
    const names = lab.hosts.slice(1).map(({ name }) => name)
    const config = `${gate}${blocksFor(lab, names, '  ProxyJump gate\n')}`
    const applied = await withConfig(config, inventoryOf(names), ['apply', '-T', '60'])
    expectDone(applied)
    for (const name of names) expect(await guards(lab, name)).toEqual([articleGuard])
    expect(await lab.host('node1').sshConnections()).toBe(1)
  })

  it('changes nothing where the bastion is down, slow, or shows another key, and names it', async () => {
    lab = await startLab({ hosts: 3 })
    const names = ['node2', 'node3']
    const config = `${gate}${blocksFor(lab, names, '  ProxyJump gate\n')}`
    const before = await firewalls(lab)
    const bastion = lab.host('node1')
    const refused = async (words: RegExp, ...flags: readonly string[]) => {
      const { code, stdout } = await withConfig(config, inventoryOf(names), ['apply', ...flags])
      expect(stdout).toMatch(words)
      expect(code).toBe(4)
      expect(await firewalls(lab)).toEqual(before)
    }

    await bastion.freeze()
    await refused(
      /node2, node3\n\s+The bastion gate cannot be used: .*sent no SSH\s+banner within 2 s/,
      '-T',
      '2',
    )
    await bastion.thaw()

    await bastion.killSshd()
    await refused(/The bastion gate cannot be used: 192\.168\.64\.11 port 22 refused/)

    await bastion.run(
      'rm /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key',
    )
    await bastion.startSshd()
    await refused(/The bastion gate cannot be used: .*differs from/)
    await refused(/The bastion gate cannot be used: .*differs from/, '--accept-new-host-keys')
  })

  it('rolls every host back when the bastion is lost in the middle', async () => {
    lab = await startLab({ hosts: 3 })
    const names = ['node2', 'node3']
    const config = `${gate}${blocksFor(lab, names, '  ProxyJump gate\n')}`
    const before = await firewalls(lab)
    await lab.host('node3').holdTool('ipset', 'restore|create|swap')
    const applying = withConfig(config, inventoryOf(names), ['apply', '-T', '30'])
    // The other host has its change, and waits.
    const changed = 'until iptables -S FORWARD | grep -q cluster_nodes; do sleep 0.1; done'
    await lab.host('node2').run(changed)
    await lab.host('node1').run('pkill -KILL -f "^sshd: ops"')
    await lab.host('node3').mendTools()
    const { code, stdout } = await applying
    expect(stdout).toContain('the connection to the bastion gate has ended')
    expect([2, 4]).toContain(code)
    expect(await firewalls(lab)).toEqual(before)
  })

  it('goes through the connection to a bastion that a person has opened, if its own login is refused', async () => {
    lab = await startLab({ hosts: 3 })
    const names = ['node2', 'node3']
    const socket = '/dev/shm/jump/gate.socket'
    const config = `${gate}  ControlPath ${socket}\n${blocksFor(lab, names, '  ProxyJump gate\n')}`
    const file = await lab.file('ssh-config', config)
    const bastion = lab.host('node1')
    const opening = `ssh -F ${file} -o ControlMaster=yes -fN gate >/dev/null 2>&1 </dev/null`
    expect((await lab.jump.run(opening)).code).toBe(0)
    // As long as fw-run can log in by itself, that connection makes no difference.
    const byItself = await withConfig(config, inventoryOf(names), ['status'])
    expect(`${byItself.code} ${byItself.stdout}${byItself.stderr}`).not.toMatch(/open connection/)
    // From here on nobody logs in by a key.
    await bastion.run(': >/home/ops/.ssh/authorized_keys')
    const before = await firewalls(lab)
    const alone = await withConfig(config, inventoryOf(names), ['apply', '--transport', 'ssh2'])
    expect(alone.stdout).toMatch(/The bastion gate cannot be used: The host refused the login/)
    expect(await firewalls(lab)).toEqual(before)

    const applied = await withConfig(config, inventoryOf(names), ['apply'])
    expectDone(applied)
    expect(applied.stderr.replace(/\s+/g, ' ')).toContain(
      'could not log in to the bastion gate. So the program ssh',
    )
    for (const name of names) expect(await guards(lab, name)).toEqual([articleGuard])
    expect(await sources(lab.host('node2'))).toEqual(['192.168.64.11'])
    // It is not ours to end.
    expect((await lab.jump.run(`ssh -F ${file} -O exit gate`)).code).toBe(0)
    const gone = await withConfig(config, inventoryOf(names), ['status'])
    expect(gone.stdout).toContain('ControlMaster')
    expect(gone.code).toBe(4)
  })

  it('does not need the passphrase for the key of a bastion to which a person has a connection open', async () => {
    lab = await startLab({ hosts: 2 })
    const locked = '/dev/shm/jump/locked'
    const key = `  IdentityFile ${locked}\n  IdentitiesOnly yes\n`
    const config = `${gate}${key}  ControlPath /dev/shm/jump/gate.socket\n${blocksFor(lab, ['node2'], '  ProxyJump gate\n')}`
    const made = `ssh-keygen -q -t ed25519 -N 'open sesame' -f ${locked}`
    expect((await lab.jump.run(made)).code).toBe(0)
    const inventory = inventoryOf(['node2'])
    const asked = await withConfig(config, inventory, ['status'])
    expect(asked.stderr).toContain(`cannot ask "Passphrase for ${locked}"`)
    const file = await lab.file('ssh-config', config)
    const opening = `ssh -F ${file} -i ~/.ssh/id_ed25519 -o ControlMaster=yes -fN gate`
    expect((await lab.jump.run(`${opening} >/dev/null 2>&1 </dev/null`)).code).toBe(0)
    for (const more of [[], ['--transport', 'openssh']]) {
      const words = ['status', '--output', 'json', ...more]
      const run = await withConfig(config, inventory, words)
      expect(run.stderr.replace(/\s+/g, ' ')).toContain('through your open connection')
      expect(run.json().hosts[0]?.requests).toBe(1)
    }
    expect((await lab.jump.run(`ssh -F ${file} -O exit gate`)).code).toBe(0)
  })

  it('tells a login at the bastion, after which the next run goes through', async () => {
    lab = await startLab({ hosts: 2 })
    const bastion = lab.host('node1')
    const keys = '/home/ops/.ssh/authorized_keys'
    await bastion.run(`mv ${keys} ${keys}.aside`)
    const inventory = inventoryOf(['node2'])
    const behind = blocksFor(lab, ['node2'], '  ProxyJump gate\n')
    const words = ['status', '--output', 'json']
    const refused = await withConfig(gate + behind, inventory, words)
    const remedies = refused.json().hosts[0]?.checks.map(({ remedy = '' }) => remedy)
    const told =
      /`(ControlMaster \w+)`, `(ControlPath \S+)`.*`(ControlPersist \w+)`.*log in with `([^`]+)`/
    const [, master, path, persist, login] = told.exec(remedies?.join('\n') ?? '') ?? []
    const written = `${gate}  ${master}\n  ${path}\n  ${persist}\n${behind}`
    await lab.file('ssh-config', written)
    // A person can do what fw-run cannot.
    await bastion.run(`mv ${keys}.aside ${keys}`)
    expect((await lab.jump.run(`${login} true >/dev/null 2>&1 </dev/null`)).code).toBe(0)
    await bastion.run(`mv ${keys} ${keys}.aside`)
    const reached = await withConfig(written, inventory, words)
    expect(reached.stderr.replace(/\s+/g, ' ')).toContain('through your open connection')
    expect([refused, reached].map((each) => each.json().hosts[0]?.requests)).toEqual([0, 1])
    expect((await lab.jump.run(`${login?.replace(/^ssh /, 'ssh -O exit ')}`)).code).toBe(0)
  })

  it('logs in at the bastion once for all looks of status --watch, also after the open connection has ended', async () => {
    lab = await startLab({ hosts: 2 })
    const bastion = lab.host('node1')
    const socket = '/dev/shm/jump/gate.socket'
    const config = `${gate}  ControlPath ${socket}\n${blocksFor(lab, ['node2'], '  ProxyJump gate\n')}`
    const file = await lab.file('ssh-config', config)
    const keys = '/home/ops/.ssh/authorized_keys'
    const openByHand = async () => {
      const opening = `ssh -F ${file} -o ControlMaster=yes -fN gate >/dev/null 2>&1 </dev/null`
      expect((await lab.jump.run(opening)).code).toBe(0)
      await bastion.run(`mv ${keys} ${keys}.aside`)
    }
    const count = async (host: LabHost, words: string) =>
      Number((await host.run(`grep -c '${words}' /var/log/sshd.log`)).stdout)
    await openByHand()
    const inventory = await lab.file('minimal.yaml', inventoryOf(['node2']))
    const report = `${inventory}.xml`
    const words = ['status', '-i', inventory, '-F', file, '--watch', '1', '--junit', report]
    const watch = lab.jump.spawn(['node', executable, ...words])
    const end = once(watch, 'exit')
    const looked = async () => {
      const before = await count(lab.host('node2'), '^Accepted publickey')
      await eventually(async () =>
        expect(await count(lab.host('node2'), '^Accepted publickey')).toBeGreaterThan(before + 1),
      )
    }
    await looked()
    const failed = () => count(bastion, '^Failed publickey for ops')
    expect(await failed()).toBe(1)
    await lab.jump.run(`ssh -F ${file} -O exit gate`)
    await eventually(async () =>
      expect((await lab.jump.run(`cat ${report}`)).stdout).toContain('has ended'),
    )
    await bastion.run(`mv ${keys}.aside ${keys}`)
    await openByHand()
    await looked()
    expect(await failed()).toBe(1)
    watch.kill('SIGTERM')
    await end
    await lab.jump.run(`ssh -F ${file} -O exit gate`)
  })

  it('accepts new keys when told so, once, and never a changed one', async () => {
    lab = await startLab({ hosts: 2 })
    const known = await lab.file('known', '')
    const names = ['node1', 'node2']
    const config = `${blocksFor(lab, names, '')}Host *\n  UserKnownHostsFile ${known}\n  HashKnownHosts yes\n`
    const strict = await withConfig(config, inventoryOf(names), ['status'])
    expect(strict.code).toBe(4)
    expect(strict.stdout).toContain('SHA256:')
    const accepted = await withConfig(config, inventoryOf(names), [
      'apply',
      '--accept-new-host-keys',
    ])
    expect(accepted.code).toBe(0)
    expect(accepted.stderr).toMatch(
      /warning: fw-run saved the new ssh-ed25519 key SHA256:\S+ of node1 in /,
    )
    const { stdout } = await lab.jump.run(`cat ${known}`)
    expect(stdout).toMatch(/^(\|1\|\S+ ssh-ed25519 \S+\n){2}$/)
    expect((await withConfig(config, inventoryOf(names), ['status'])).code).toBe(0)
    const other = await lab.host('node2').run('cat /etc/ssh/ssh_host_ed25519_key.pub')
    await lab.file('known', `192.168.64.11 ${other.stdout}`)
    const changed = await withConfig(config, inventoryOf(names), [
      'status',
      '--accept-new-host-keys',
    ])
    expect(changed.code).toBe(4)
    expect(changed.stdout).toContain('differs from')
  })

  it('refuses before connecting what it cannot do, and with --transport ssh2 what ssh2 cannot, by its name', async () => {
    lab = await startLab({ hosts: 1 })
    const refused = async (lines: string, words: RegExp, hosts = inventoryOf(['node1'])) => {
      const config = blocksFor(lab, ['node1'], lines)
      const { code, stderr, stdout } = await withConfig(config, hosts, [
        'apply',
        ...['--transport', 'ssh2'],
      ])
      expect(`${stdout}${stderr}`.replace(/\s+/g, ' ')).toMatch(words)
      expect(code).toBe(1)
    }
    await refused(
      '  CertificateFile ~/.ssh/x-cert.pub\n',
      /node1: .*CertificateFile .*without --transport ssh2/,
    )
    await refused('  ProxyCommand nc %h %p\n', /node1: .*ProxyCommand for node1.*ProxyJump/)
    await refused(
      '  PreferredAuthentications gssapi-with-mic\n',
      /node1: .*forbids publickey, password and keyboard-interactive for the host/,
    )
    await refused('  Ciphers aes256-foo\n', /Bad SSH2 cipher spec.*--no-ssh-config/)
    await refused('  ProxyJump a\nHost a\n  ProxyJump b\nHost b\n  ProxyJump a\n', /form a circle/)
    await refused(
      '',
      /ansible_ssh_common_args: has "-D1080", which fw-run does not support/,
      inventoryOf(['node1'], 'ansible_ssh_common_args: -D1080'),
    )
    expect(await lab.host('node1').sshConnections()).toBe(0)
  })
})
