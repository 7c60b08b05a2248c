import { describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import type { HostSpec, LabSpec } from '../lab/spec.ts'
import { articleRules } from '../lab/spec.ts'
import { firewalls, fwRun } from './fw-run.ts'

/** What is wrong, on node2 of two unless said otherwise, and what the administrator is told. */
interface BadLuck {
  readonly title: string
  readonly spec?: HostSpec
  readonly happen?: (lab: Lab) => Promise<unknown>
  readonly vars?: Readonly<Record<string, unknown>>
  readonly words?: readonly string[]
  readonly stdin?: string
  readonly code: 2 | 4
  readonly said: readonly (RegExp | string)[]
}

const node2 = (lab: Lab): ReturnType<Lab['host']> => lab.host('node2')

const cases: readonly BadLuck[] = [
  {
    title: 'a host that is down',
    happen: (lab) => node2(lab).linkDown(),
    words: ['--timeout', '8'],
    code: 4,
    said: [/FAIL {2}cannot be reached: node2/, /within 8 s|no route/],
  },
  {
    title: 'a host whose sshd is mute',
    happen: (lab) => node2(lab).freeze(),
    words: ['--timeout', '8'],
    code: 4,
    said: [/FAIL {2}cannot be reached: node2/],
  },
  {
    title: 'a closed port',
    happen: (lab) => node2(lab).killSshd(),
    code: 4,
    said: [/FAIL {2}cannot be reached: node2/, /refused/],
  },
  {
    title: 'a host key that nobody has pinned',
    happen: (lab) => lab.jump.run('sed -i /192.168.64.12/d .ssh/known_hosts'),
    code: 4,
    said: [
      /FAIL {2}host key not trusted: node2/,
      /SHA256:/,
      /'192\.168\.64\.12 ssh-ed25519 \S+' >>/,
    ],
  },
  {
    title: 'a host key that has changed',
    happen: (lab) =>
      lab.jump.run(
        'ssh-keygen -q -t ed25519 -N "" -f other; sed -i /192.168.64.12/d .ssh/known_hosts; printf "192.168.64.12 %s\n" "$(cut -d" " -f1,2 other.pub)" >> .ssh/known_hosts',
      ),
    code: 4,
    said: [/FAIL {2}host key not trusted: node2/, /SHA256:/, /ssh-keygen -R/],
  },
  {
    title: 'a key that the host does not take',
    happen: (lab) => lab.jump.run('ssh-keygen -q -t ed25519 -N "" -f wrong'),
    words: ['--private-key', 'wrong'],
    code: 4,
    said: [/FAIL {2}login fails: node1, node2/, /wrong/, /SHA256:/],
  },
  {
    title: 'a user that is not there',
    vars: { ansible_user: 'nobody-here' },
    code: 4,
    said: [/FAIL {2}login fails: node1, node2/, /nobody-here/],
  },
  {
    title: 'a user without any right to sudo',
    spec: { login: 'no-sudo' },
    code: 2,
    said: [/FAIL {2}cannot become root: node2/],
  },
  {
    title: 'a sudo that wants a password, and none was given',
    spec: { login: 'sudo-password' },
    code: 2,
    said: [/FAIL {2}cannot become root: node2/, /-K/],
  },
  {
    title: 'a wrong sudo password',
    spec: { login: 'sudo-password' },
    words: ['-K'],
    stdin: 'not-the-password\n',
    code: 2,
    said: [/FAIL {2}cannot become root: node2/, /refused the password of ops/],
  },
  {
    title: 'no iptables',
    happen: (lab) => node2(lab).removeTool('iptables'),
    code: 2,
    said: [/FAIL {2}firewall tools missing: node2/, /iptables/],
  },
  {
    title: 'no ipset',
    happen: (lab) => node2(lab).removeTool('ipset'),
    code: 2,
    said: [/FAIL {2}firewall tools missing: node2/, /ipset/],
  },
  {
    title: 'no setsid of util-linux',
    happen: (lab) => node2(lab).removeTool('setsid'),
    code: 2,
    said: [/FAIL {2}firewall tools missing: node2/, /setsid/],
  },
  {
    title: 'an interface that is missing on one host',
    spec: { interface: 'eth0' },
    code: 2,
    said: [/FAIL {2}interface does not match the inventory: node2/, /no interface ens18/, /eth0/],
  },
  {
    title: 'an nf_tables backend',
    spec: { backend: 'nft' },
    code: 2,
    said: [/FAIL {2}iptables backend is not legacy: node2/, /nf_tables/],
  },
  {
    title: 'no Calico chains',
    spec: { rules: articleRules.replace(/^.*cali.*\n/gm, '') },
    code: 2,
    said: [/FAIL {2}Calico is not ready for the rule of fw-run: node2/],
  },
  {
    title: 'a set of our name with another type',
    happen: (lab) => node2(lab).run('ipset create cluster_nodes hash:net'),
    code: 2,
    said: [/FAIL {2}set name is taken: node2/, /hash:net/],
  },
  {
    title: 'an xtables lock that another program holds',
    happen: (lab) => node2(lab).holdXtablesLock(30),
    code: 2,
    said: [/FAIL {2}firewall cannot be read: node2/, /xtables lock/],
  },
  {
    title: 'an xtables lock that another program holds on an old host',
    spec: { flavour: 'el7' },
    happen: (lab) => node2(lab).holdXtablesLock(30),
    code: 2,
    said: [/FAIL {2}firewall cannot be read: node2/, /xtables lock/],
  },
  {
    title: 'a full /run',
    happen: (lab) => node2(lab).fillRun(),
    code: 2,
    said: [/FAIL {2}not enough space in \/run: node2/],
  },
  {
    title: 'a node that the routes know and the inventory does not',
    happen: (lab) => node2(lab).run('ip route add 10.42.77.0/24 via 192.168.64.77 dev ens18'),
    code: 2,
    said: [/FAIL {2}the guard would stop a node of the cluster: node2/, /192\.168\.64\.77/],
  },
  {
    title: 'a Felix that accepts inside its own chain',
    happen: (lab) =>
      node2(lab).run('iptables -A cali-FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT'),
    code: 2,
    said: [/FAIL {2}Calico is not ready for the rule of fw-run: node2/, /3\.16/],
  },
  {
    title: 'a pod with a published port, and no word on it',
    happen: (lab) =>
      node2(lab).run(
        `iptables -t nat -N CNI-DN-0123456789abcdef; iptables -t nat -N CNI-HOSTPORT-DNAT
         iptables -t nat -A CNI-DN-0123456789abcdef -p tcp --dport 80 -j DNAT --to-destination 10.42.2.10:8080
         iptables -t nat -A CNI-HOSTPORT-DNAT -p tcp -m multiport --dports 80,443 -j CNI-DN-0123456789abcdef
         iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT`,
      ),
    code: 2,
    said: [
      /FAIL {2}the rule of fw-run has no good position: node2/,
      /published port 80\/tcp/,
      /fw_published: allow/,
    ],
  },
  {
    title: 'another run at work',
    happen: (lab) =>
      node2(lab).run(
        'umask 077; mkdir -p /run/fw-run/lock; (sleep 60 </dev/null >/dev/null 2>&1 & ln -s "pid $! started $(cut -d" " -f22 /proc/$!/stat) session $! run r1 by ops@elsewhere" /run/fw-run/lock/owner)',
      ),
    code: 2,
    said: [/FAIL {2}another run holds the host: node2/, /ops@elsewhere/],
  },
]

describe('bad luck on one host changes nothing anywhere', () => {
  it.concurrent.for(cases.map((one) => [one.title, one] as const))(
    '%s',
    async ([_, luck], { onTestFinished }) => {
      const spec: LabSpec = { hosts: [{}, luck.spec ?? {}] }
      const lab = await startLab(spec)
      onTestFinished(() => lab.stop())
      await luck.happen?.(lab)
      const before = await firewalls(lab)
      const inventory = await lab.file(
        'inventory.yaml',
        lab.inventoryYaml({ vars: luck.vars ?? {} }),
      )
      const run = await fwRun(lab, ['apply', ...(luck.words ?? [])], {
        env: { FW_RUN_INVENTORY: inventory },
        ...(luck.stdin !== undefined && { stdin: luck.stdin }),
      })
      expect(await firewalls(lab)).toEqual(before)
      for (const words of luck.said) expect(run.stdout).toMatch(words)
      expect(run.stdout).toContain('apply: refused, nothing was changed.')
      expect(run.stdout + run.stderr).not.toMatch(/not-the-password|\n\s+at .*\(/)
      expect(run.code).toBe(luck.code)
    },
  )

  it.concurrent('a wrong sudo password is tried once, not three times', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({ hosts: 1, each: { login: 'sudo-password' } })
    onTestFinished(() => lab.stop())
    await fwRun(lab, ['preflight', '-K'], { stdin: 'not-the-password\n' })
    const { stdout } = await lab.host('node1').run('cat /var/log/sudo.log')
    expect(stdout).toMatch(/1 incorrect password attempt/)
    expect(stdout).not.toMatch(/[23] incorrect password attempts/)
  })
})

describe('a login without the plain key and sudo', () => {
  it.concurrent('the right sudo password, asked once, opens all hosts of every flavour', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({
      hosts: [{}, { flavour: 'el7' }, {}],
      each: { login: 'sudo-password' },
    })
    onTestFinished(() => lab.stop())
    const run = await fwRun(lab, ['apply', '-K'], { stdin: 'ops-password\n' })
    expect(run.stdout).toContain('apply: done, 3 of 3 hosts changed.')
  })

  it.concurrent('an SSH password instead of a key', async ({ onTestFinished }) => {
    const lab = await startLab({ hosts: 2 })
    onTestFinished(() => lab.stop())
    await lab.jump.run('rm .ssh/id_ed25519')
    const run = await fwRun(lab, ['apply', '-k'], { stdin: 'ops-password\n' })
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
  })

  it.concurrent('login shells fish and tcsh, a noisy .bashrc, another port, an RSA host key', async ({
    onTestFinished,
  }) => {
    const lab = await startLab({
      hosts: [
        { shell: '/usr/bin/fish' },
        { shell: '/usr/bin/tcsh' },
        { sshPort: 2222, hostKeyTypes: ['rsa'] },
      ],
    })
    onTestFinished(() => lab.stop())
    const home = await lab.host('node3').run('eval echo ~ops')
    await lab.host('node3').run(`echo 'echo hello; echo noise >&2' > ${home.stdout.trim()}/.bashrc`)
    const run = await fwRun(lab, ['apply'])
    expect(run.stdout + run.stderr).toContain('apply: done, 3 of 3 hosts changed.')
  })
})
