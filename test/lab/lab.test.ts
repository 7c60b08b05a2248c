import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Lab, startLab } from './lab.ts'

const SSH = 'ssh -o BatchMode=yes -o ConnectTimeout=10'

/** What the article does by hand, on every host. */
async function guardByHand(lab: Lab): Promise<void> {
  const members = lab.hosts.map((host) => `ipset add cluster_nodes ${host.address}`)
  const rule = 'FORWARD 12 -i ens18 -m set ! --match-set cluster_nodes src -j REJECT'
  const script = ['ipset create cluster_nodes iphash', ...members, `iptables -w -I ${rule}`]
  for (const host of lab.hosts) {
    expect(await host.run(script.join(' && '))).toMatchObject({ code: 0, stderr: '' })
  }
}

describe('startLab with the article’s hosts', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
  })
  afterAll(() => lab?.stop())

  it('lets the jump host log in with its key and become root, and counts both', async () => {
    const host = lab.host('node2')
    const before = [await host.sshConnections(), await host.sudoCalls()]
    const answer = await lab.jump.run(`${SSH} ops@${host.address} 'hostname; sudo -n id -u'`)
    expect(answer).toEqual({ code: 0, stdout: 'node2\n0\n', stderr: '' })
    expect([await host.sshConnections(), await host.sudoCalls()]).toEqual(
      before.map((n = 0) => n + 1),
    )
  })

  it('offers the thirteen rules of the article', async () => {
    const { stdout } = await lab.host('node1').run('iptables -S FORWARD')
    const rules = stdout.trim().split('\n')
    expect(rules[0]).toBe('-P FORWARD DROP')
    expect(rules).toHaveLength(14)
    expect(rules[12]).toBe('-A FORWARD -d 10.42.0.0/16 -j ACCEPT')
  })

  it.each(['vxlan', 'bare'] as const)(
    'shows the hole and the cure with real packets, pods routed %s',
    async (podRouting) => {
      const own = await startLab({ hosts: 3, podRouting })
      try {
        const near = own.pod(1)
        const far = own.pod(3)
        const legitimate = async (): Promise<boolean[]> => [
          await near.canConnect(far.address),
          await near.canPing(far.address),
          await own.host('node1').canConnect(far.address),
          await own.host('node1').canPing(near.address),
          await near.canConnect(own.outsider.address),
          await near.canConnect('10.43.0.80', 80),
        ]
        const intrusions = async (): Promise<boolean[]> => [
          await own.outsider.canConnect(near.address),
          await own.outsider.canPing(near.address),
          await own.outsider.canConnect(far.address),
        ]
        expect(await intrusions()).toEqual([true, true, true])
        expect(await legitimate()).toEqual([true, true, true, true, true, true])
        await guardByHand(own)
        expect(await intrusions()).toEqual([false, false, false])
        expect(await legitimate()).toEqual([true, true, true, true, true, true])
      } finally {
        await own.stop()
      }
    },
  )

  it('keeps what happens in one host out of the others', async () => {
    const host = lab.host('node1')
    await host.removeTool('ipset')
    expect((await host.run('ipset list')).code).toBe(127)
    expect((await lab.host('node2').run('ipset list -n')).code).toBe(0)
    await host.mendTools()
    expect((await host.run('ipset list -n')).code).toBe(0)
  })

  it('breaks a tool from the nth matching call on', async () => {
    const host = lab.host('node1')
    await host.breakTool('iptables', {
      fromCall: 2,
      whenArgs: '-S FORWARD',
      code: 4,
      message: 'no',
    })
    const calls =
      'iptables -S INPUT >/dev/null; for i in 1 2; do iptables -w -S FORWARD >/dev/null; echo $?; done'
    expect(await host.run(calls)).toEqual({ code: 0, stdout: '0\n4\n', stderr: 'no\n' })
    await host.mendTools()
    expect((await host.run('iptables -S FORWARD')).code).toBe(0)
  })

  it('breaks sudo for the user too, at once and with a code of its own', async () => {
    const host = lab.host('node2')
    await host.breakTool('sudo', { code: 9, message: 'sudo: out of order' })
    const login = `${SSH} ops@node2 sudo -n id -u`
    expect(await lab.jump.run(login)).toEqual({
      code: 9,
      stdout: '',
      stderr: 'sudo: out of order\n',
    })
    await host.mendTools()
    expect((await lab.jump.run(login)).stdout).toBe('0\n')
  })

  it('holds the xtables lock, fills /run, freezes sshd and cuts the link', async () => {
    const host = lab.host('node3')
    await host.holdXtablesLock(20)
    expect((await host.run('iptables -w 1 -S FORWARD')).code).toBe(4)
    await host.fillRun()
    expect((await host.run('echo x >/run/x')).code).not.toBe(0)
    await host.emptyRun()
    expect((await host.run('echo x >/run/x')).code).toBe(0)

    const login = `${SSH} ops@node3 true`
    await host.freeze()
    expect((await lab.jump.run(`timeout 2 ${login}`)).code).toBe(124)
    await host.thaw()
    expect((await lab.jump.run(login)).code).toBe(0)
    await host.linkDown()
    expect(await lab.jump.canPing(host.address)).toBe(false)
    await host.linkUp()
    // A link that has just come up may still be asking for the address of the other end.
    await expect.poll(() => lab.jump.canPing(host.address)).toBe(true)
  })

  it('signals what it spawns on the jump host', async () => {
    const child = lab.jump.spawn([
      'sh',
      '-c',
      "trap 'echo caught; exit 7' INT; echo up; while :; do sleep 0.05; done",
    ])
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      if (said === '') child.kill('SIGINT')
      said += chunk.toString()
    })
    const [code] = await once(child, 'close')
    expect([code, said]).toEqual([7, 'up\ncaught\n'])
  })

  it('stops a command whose time is up', async () => {
    const answer = await lab.host('node1').run('echo a; sleep 60', { timeoutMs: 500 })
    expect(answer.code).toBe(124)
    expect((await lab.host('node1').run('pgrep -x sleep -a | grep " 60"')).stdout).toBe('')
  })

  it('names its hosts in an Ansible inventory, written where the jump host can read it', async () => {
    const path = await lab.file(
      'deep/inventory.yaml',
      lab.inventoryYaml({ vars: { fw_action: 'DROP' } }),
    )
    const inventory = parse((await lab.jump.run(`cat ${path}`)).stdout)
    expect(inventory.all.hosts.node3).toEqual({ ansible_host: '192.168.64.13' })
    expect(inventory.all.vars).toEqual({
      ansible_user: 'ops',
      fw_interface: 'ens18',
      fw_action: 'DROP',
    })
  })
})

describe('startLab with hosts of all kinds', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({
      hosts: [
        { flavour: 'el7', login: 'sudo-password' },
        { backend: 'nft', sshPort: 2222, hostKeyTypes: ['ecdsa', 'rsa'] },
        { login: 'no-sudo', shell: '/usr/bin/fish' },
        { login: 'root', interface: 'bond0' },
        { sh: 'busybox', usePty: false, noisy: true },
        { flavour: 'el7', sh: 'dash', usePty: true },
      ],
    })
  })
  afterAll(() => lab?.stop())

  const el7 = (command: string) => lab.host('node1').run(command)

  it.each([
    ['iptables -V', 0, 'iptables v1.4.21\n', ''],
    ['iptables -w 5 -S FORWARD', 2, '', "Bad argument `5'"],
    ['iptables -W 5 -w -S FORWARD', 2, '', 'iptables v1.4.21: unknown option "-W"'],
    [
      'iptables -t filter -C FORWARD -m set --match-set nil src -j DROP',
      2,
      '',
      "iptables v1.4.21: Set nil doesn't",
    ],
    ['iptables-save -f x', 1, '', "iptables-save: invalid option -- 'f'"],
    ['iptables-restore --wait 5', 1, '', "iptables-restore: unrecognized option '--wait'"],
    ['ipset version', 0, 'ipset v7.1, protocol version: 7\n', ''],
    ['ipset create x hash:ip bucketsize 4', 2, '', 'ipset v7.1: Unknown argument: `bucketsize'],
    [
      'echo create x hash:ip initval 0x4 | ipset restore',
      2,
      '',
      'ipset v7.1: Error in line 1: Unknown',
    ],
    ['ipset list nil', 1, '', 'ipset v7.1: The set with the given name does not exist'],
    ['ip -j address', 255, '', 'Option "-j" is unknown, try "ip -help".'],
    ['sudo -nD / true', 1, '', "sudo: invalid option -- 'D'"],
    ['command -v iptables-nft iptables-legacy nft xtables-nft-multi', 1, '', ''],
    ['readlink -f /bin/sh', 0, '/usr/bin/bash\n', ''],
  ])('has on el7: %s', async (command, code, stdout, stderr) => {
    const answer = await el7(command)
    expect([answer.code, answer.stdout]).toEqual([code, stdout])
    expect(answer.stderr.slice(0, stderr.length)).toBe(stderr)
    if (stderr === '') expect(answer.stderr).toBe('')
  })

  it('lets el7 do what its tools could do', async () => {
    const script = [
      'iptables -w -S FORWARD | wc -l',
      'iptables-save -t filter | head -n 1 | cut -c1-39',
      'printf "*filter\\n-A FORWARD -j RETURN\\nCOMMIT\\n" | iptables-restore -n && iptables -D FORWARD -j RETURN',
      'ipset create x iphash && ipset save x && ipset list x | grep Header && ipset destroy x',
      'ip -o -4 address show ens18 | wc -l',
    ]
    expect(await el7(script.join('\n'))).toEqual({
      code: 0,
      stdout: `14
# Generated by iptables-save v1.4.21 on
create x hash:ip family inet hashsize 1024 maxelem 65536
Header: family inet hashsize 1024 maxelem 65536
1
`,
      stderr: '',
    })
  })

  it('asks for the password where sudo wants one', async () => {
    const ssh = `${SSH} ops@node1`
    expect((await lab.jump.run(`${ssh} sudo -n id -u`)).code).toBe(1)
    const answer = await lab.jump.run(`${ssh} "sudo -S -p '' id -u"`, { stdin: 'ops-password\n' })
    expect([answer.code, answer.stdout]).toEqual([0, '0\n'])
  })

  it('accepts the password of ops over ssh', async () => {
    const ask = await lab.file('ask', '#!/bin/sh\necho ops-password\n')
    const ssh = 'ssh -o PubkeyAuthentication=no -p 2222 ops@192.168.64.12 id -un'
    const env = { SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force' }
    expect(await lab.jump.run(`chmod 755 ${ask} && ${ssh}`, { env })).toMatchObject({
      code: 0,
      stdout: 'ops\n',
    })
  })

  it('gives no root where sudo is not granted, and the login shell asked for', async () => {
    const answer = await lab.jump.run(`${SSH} ops@node3 "sudo -S -p '' id; status fish-path"`, {
      stdin: 'ops-password\n',
    })
    expect(answer.stderr).toContain('ops is not in the sudoers file')
    expect(answer.stdout).toBe('/usr/bin/fish\n')
  })

  it('lets root in by key only where asked to, on the interface asked for', async () => {
    expect(
      (await lab.jump.run(`${SSH} root@node4 'id -u; ls /sys/class/net/bond0/mtu'`)).stdout,
    ).toBe('0\n/sys/class/net/bond0/mtu\n')
    expect((await lab.jump.run(`${SSH} root@node3 id -u`)).code).toBe(255)
  })

  it('makes /bin/sh what was asked for, and startup files that print to both streams', async () => {
    const sh = (host: string) => lab.jump.run(`${SSH} ops@${host} readlink -f /bin/sh`)
    expect(await sh('node5')).toEqual({
      code: 0,
      stdout: 'This machine is watched.\n/usr/bin/busybox\n',
      stderr: 'no locale, using C\n',
    })
    expect((await sh('node6')).stdout).toBe('/usr/bin/dash\n')
  })

  it('lets sudo put a terminal of its own around what it runs where that was asked', async () => {
    const terminals = async (host: string): Promise<number> => {
      const { stdout } = await lab.jump.run(`${SSH} -tt ops@${host} 'tty; sudo -n tty'`)
      return new Set(stdout.match(/\/dev\/pts\/\d+/g)).size
    }
    expect([await terminals('node5'), await terminals('node6')]).toEqual([1, 2])
  })

  it('resets connections, and starts sshd again that was killed', async () => {
    const host = lab.host('node6')
    const login = lab.jump.spawn(['ssh', 'ops@node6', 'echo in; sleep 60'])
    const closed = once(login, 'close')
    await once(login.stdout ?? login, 'data')
    login.stdout?.resume()
    await host.resetConnections()
    expect(await closed).toEqual([255, null])
    await host.killSshd()
    expect((await lab.jump.run(`${SSH} ops@node6 true`)).code).toBe(255)
    await host.startSshd()
    expect((await lab.jump.run(`${SSH} ops@node6 true`)).code).toBe(0)
  })

  it('shows an nft host as one', async () => {
    const { stdout } = await lab
      .host('node2')
      .run('iptables -V; iptables -S FORWARD | wc -l; iptables-legacy -S | wc -l')
    expect(stdout).toMatch(/^iptables v[\d.]+ \(nf_tables\)\n14\n3\n$/)
  })
})

describe('the end of a lab', () => {
  it('leaves no process when it is stopped', async () => {
    const lab = await startLab({ hosts: 2 })
    const namespaces = await pidNamespaces(lab)
    expect(namespaces.length).toBe(3)
    await lab.stop()
    expect(living(namespaces)).toEqual([])
  })

  it('leaves no process when its starter is killed', async () => {
    const program = `
      import { startLab } from ${JSON.stringify(new URL('./lab.ts', import.meta.url).href)}
      const lab = await startLab({ hosts: 2 })
      lab.jump.spawn(['sleep', '600'])
      lab.host('node1').run('setsid sleep 600 & sleep 600')
      process.stdout.write((await lab.jump.run('readlink /proc/[0-9]*/ns/pid')).stdout)
      setInterval(() => {}, 1000)`
    const starter = spawn(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      program,
    ])
    const [said] = await once(starter.stdout, 'data')
    const namespaces = [...new Set(String(said).trim().split('\n'))]
    expect(living(namespaces)).toEqual(namespaces.toSorted())
    starter.kill('SIGKILL')
    await expect.poll(() => living(namespaces)).toEqual([])
  })

  it('powers one host off and keeps the others', async () => {
    const lab = await startLab({ hosts: 2 })
    try {
      await lab.host('node1').stop()
      expect(await lab.jump.canConnect('192.168.64.11', 22)).toBe(false)
      expect(await lab.jump.canConnect('192.168.64.12', 22)).toBe(true)
    } finally {
      await lab.stop()
    }
  })

  it('says what a host could not do when it does not come up', async () => {
    await expect(
      startLab({ hosts: [{}, { rules: '*filter\n-A NOWHERE -j ACCEPT\nCOMMIT\n' }] }),
    ).rejects.toThrow(/node2 did not come up:\n[\s\S]*line 2/)
  })
})

async function pidNamespaces(lab: Lab): Promise<string[]> {
  const { stdout } = await lab.jump.run('readlink /proc/[0-9]*/ns/pid | sort -u')
  return stdout.trim().split('\n')
}

function living(namespaces: readonly string[]): string[] {
  const found = new Set<string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      found.add(readlinkSync(`/proc/${pid}/ns/pid`))
    } catch {
      // It ended meanwhile.
    }
  }
  return namespaces.filter((namespace) => found.has(namespace)).toSorted()
}
