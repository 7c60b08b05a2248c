import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { securityKey } from '../ssh/keys/security-key.ts'
import { articleGuard, firewalls, fwRun, guards, type Run } from './fw-run.ts'
import { restartSshd } from './sshd.ts'

let lab: Lab
afterEach(() => lab?.stop())

function expectDone({ code, stdout, stderr }: Run): void {
  expect(code === 0 ? 'done' : `${code}\n${stdout}\n${stderr}`).toBe('done')
}

/** The machine's own /tmp is everybody's. */
async function ownTemporary(): Promise<string> {
  await lab.jump.run('mkdir -p /dev/shm/jump/tmp')
  return '/dev/shm/jump/tmp'
}

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ')

describe('hosts that only the program ssh can connect', () => {
  it('are protected and freed with the others, each with a line that says why', async () => {
    lab = await startLab({ hosts: 4 })
    const [certified, proxied, quantum] = lab.hosts
    if (!certified || !proxied || !quantum) throw new Error('The lab has four hosts.')
    const key = '/dev/shm/jump/.ssh/id_ed25519'
    const made = await lab.jump.run(`set -e; cd /dev/shm/jump
      cp ${key} certified; cp ${key}.pub certified.pub
      ssh-keygen -q -t ed25519 -N "" -f authority
      ssh-keygen -q -s authority -I me -n ops certified.pub`)
    expect(made.stderr).toBe('')
    const authority = (await lab.jump.run('cat /dev/shm/jump/authority.pub')).stdout
    await certified.run(`echo '${authority}' >/etc/ssh/authority.pub`)
    await restartSshd(
      certified,
      'TrustedUserCAKeys=/etc/ssh/authority.pub',
      'AuthorizedKeysFile=none',
    )
    await restartSshd(quantum, 'KexAlgorithms=sntrup761x25519-sha512@openssh.com')
    const config = await lab.file(
      'ssh-config',
      `Host ${certified.address}\n  IdentityFile /dev/shm/jump/certified\n  CertificateFile /dev/shm/jump/certified-cert.pub\nHost ${proxied.address}\n  ProxyCommand nc %h %p\n`,
    )
    const env = { FW_RUN_SSH_CONFIG: config, TMPDIR: await ownTemporary() }
    const before = await firewalls(lab)

    const refused = await fwRun(lab, ['apply', '--transport', 'ssh2'], { env })
    expect(refused.code).toBe(1)
    expect(onOneLine(refused.stderr)).toMatch(
      /node1: .*CertificateFile .*without --transport ssh2: then the program ssh/,
    )
    const applied = await fwRun(lab, ['apply'], { env })
    expectDone(applied)
    const said = onOneLine(applied.stderr)
    expect(said).toMatch(
      /node1: the program ssh connects this host.*CertificateFile \S+certified-cert/,
    )
    expect(said).toMatch(/node2: the program ssh connects this host.*ProxyCommand/)
    expect(said).toMatch(
      /node3: the program ssh connects this host, because ssh2 does not support any key exchange of that host/,
    )
    expect(said).not.toContain('node4:')
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])

    // One connection to work, and a new one before the commit.
    expect(await certified.sshConnections()).toBe(2)
    expectDone(await fwRun(lab, ['remove'], { env }))
    expect(await firewalls(lab)).toEqual(before)
    const left = await lab.jump.run("pgrep -fa '^ssh ' | grep -v pgrep; ls /dev/shm/jump/tmp")
    expect(left.stdout).toBe('')
  })

  it('are refused with a clear reason if a security key has no device', async () => {
    lab = await startLab({ hosts: 1 })
    const { file, line } = securityKey()
    const key = await lab.file('security-key', file)
    await lab.jump.run(`chmod 600 ${key}`)
    await lab.host('node1').run(`echo '${line}' >>/home/ops/.ssh/authorized_keys`)
    const { code, stdout, stderr } = await fwRun(lab, ['apply', '--private-key', key], {
      env: { FW_RUN_INVENTORY: await lab.file('plain.yaml', plainInventory(lab)) },
    })
    expect(onOneLine(stderr)).toMatch(/node1: the program ssh connects .*the security key \(FIDO\)/)
    expect(onOneLine(stdout)).toMatch(
      /refused the login as ops.*security-key.*ssh said "sign_and_send_pubkey: signing failed/,
    )
    expect(code).toBe(4)
  })
})

function plainInventory({ hosts }: Lab): string {
  const lines = hosts.map(({ name, address }) => `    ${name}: { ansible_host: ${address} }\n`)
  return `all:\n  vars: { ansible_user: ops, fw_interface: ens18 }\n  hosts:\n${lines.join('')}`
}

describe('secrets', () => {
  const marked = { ssh: 'marked-ssh-5f1', sudo: 'marked-ssh-5f1', key: 'marked-key-9c3' }

  it.each(['ssh2', 'openssh'])('stay where they belong: transport %s', async (transport) => {
    lab = await startLab({ hosts: [{ login: 'sudo-password' }, { login: 'sudo-password' }] })
    for (const host of lab.hosts) {
      const set = `printf 'ops:%s\\n' "$(cat)" | chpasswd`
      expect((await host.run(set, { stdin: marked.ssh })).stderr).toBe('')
      await restartSshd(
        host,
        'AuthenticationMethods=publickey,password',
        'PasswordAuthentication=yes',
      )
    }
    const key = '/dev/shm/jump/locked'
    await lab.jump.run(`cp /dev/shm/jump/.ssh/id_ed25519 ${key}`)
    await lab.jump.run(`ssh-keygen -q -p -f ${key} -P "" -N "$(cat)"`, { stdin: marked.key })

    const found = new Set<string>()
    const looking = watchProcesses(found)
    const stdin = `${marked.ssh}\n${marked.sudo}\n${marked.key}\n`
    const words = ['apply', '--transport', transport, '-k', '-K', '-vvv', '-T', '60']
    const env = {
      FW_RUN_INVENTORY: await lab.file('plain.yaml', plainInventory(lab)),
      TMPDIR: await ownTemporary(),
    }
    const run = await fwRun(lab, [...words, '--private-key', key], { stdin, env })
    const samples = await looking.stop()
    expectDone(run)
    expect(samples).toBeGreaterThan(3)
    expect([...found]).toEqual([])
    for (const { name } of lab.hosts) expect(await guards(lab, name)).toEqual([articleGuard])
    // Output, journals, and whatever else lies on the jump host and in the logs of hosts.
    expect(run.stdout + run.stderr).not.toContain('marked-')
    const files = await lab.jump.run('grep -rls marked- /dev/shm/jump')
    expect(files.stdout).toBe('')
    for (const host of lab.hosts) {
      expect((await host.run('grep -rls marked- /var/log /run /home /root /tmp')).stdout).toBe('')
    }
  })
})

/** Looks at the arguments and variables of all processes of this machine, and at what fw-run puts into its private directory. */
function watchProcesses(found: Set<string>): { stop(): Promise<number> } {
  let isOver = false
  let samples = 0
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'latin1')
    } catch {
      return ''
    }
  }
  const temporary = `/proc/${lab.pid}/root/dev/shm/jump/tmp`
  const look = async (): Promise<number> => {
    while (!isOver) {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        for (const file of ['cmdline', 'environ']) {
          const text = read(`/proc/${pid}/${file}`)
          if (text.includes('marked-')) found.add(`${file} of ${read(`/proc/${pid}/cmdline`)}`)
        }
      }
      const directories = existsSync(temporary) ? readdirSync(temporary) : []
      for (const name of directories.filter((one) => one.startsWith('fw-run-'))) {
        if (read(`${temporary}/${name}/askpass`).includes('marked-'))
          found.add(`askpass in ${name}`)
      }
      samples += 1
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return samples
  }
  const looked = look()
  return {
    stop() {
      isOver = true
      return looked
    },
  }
}
