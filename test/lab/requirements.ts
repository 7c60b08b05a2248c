import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { long } from '../rounds.ts'

const PACKAGE_OF: Readonly<Record<string, string>> = {
  'iptables-legacy': 'iptables',
  'iptables-nft': 'iptables',
  ipset: 'ipset',
  nft: 'nftables',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sudo: 'sudo',
  doas: 'opendoas',
  ip: 'iproute2',
  ping: 'iputils-ping',
  nc: 'netcat-openbsd',
  busybox: 'busybox',
  fish: 'fish',
  zsh: 'zsh',
  tcsh: 'tcsh',
  conntrack: 'conntrack',
  jq: 'jq',
  tcpreplay: 'tcpreplay',
  tmux: 'tmux',
  pkill: 'procps',
  shellcheck: 'shellcheck',
  unshare: 'util-linux',
  script: 'bsdutils',
  openssl: 'openssl',
  strace: 'strace',
  time: 'time',
  portmap: 'containernetworking-plugins',
  ...(long
    ? {
        dockerd: 'docker.io',
        'dbus-daemon': 'dbus',
        firewalld: 'firewalld',
        ufw: 'ufw',
        _updown: 'strongswan-libcharon',
        promtool: 'prometheus',
        chromium: 'chromium',
        'ansible-playbook': 'ansible-core',
        'systemd-analyze': 'systemd',
        debootstrap: 'debootstrap',
        rpmbuild: 'rpm',
        rpm2cpio: 'rpm2cpio',
        cpio: 'cpio',
        'qemu-aarch64-static': 'qemu-user-static',
      }
    : {}),
}

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/lib/cni', '/usr/lib/ipsec']

/** Services that would write rules of the machine itself, or listen on it, when it starts the next time. */
const WRITERS = [
  ...['docker.service', 'docker.socket', 'containerd.service', 'firewalld.service'],
  'prometheus.service',
]

const POLICY = '/usr/sbin/policy-rc.d'

/** Makes sure that this machine can run a lab: installs what is missing on Debian and Ubuntu, elsewhere names it. */
export async function ensureRequirements(): Promise<void> {
  if (process.platform !== 'linux') throw new Error('The lab needs Linux: it lives in namespaces.')
  if (process.getuid?.() !== 0) {
    throw new Error('The lab needs root, for its namespaces. Run it with sudo, or in a container.')
  }
  const missing = missingCommands()
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((command) => PACKAGE_OF[command] ?? command))]
  if (!isDebian() || !isInstalled('apt-get')) {
    throw new Error(
      `The lab needs these commands: ${missing.join(', ')} ` +
        `(Debian packages ${packages.join(' ')}). Install them and try again.`,
    )
  }
  await install(packages)
  const still = missingCommands()
  if (still.length > 0) throw new Error(`Still missing after installing: ${still.join(', ')}.`)
}

function missingCommands(): string[] {
  return Object.keys(PACKAGE_OF).filter((command) => !isInstalled(command))
}

function isInstalled(command: string): boolean {
  return DIRECTORIES.some((directory) => {
    try {
      accessSync(`${directory}/${command}`, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

async function install(packages: readonly string[]): Promise<void> {
  const run = promisify(execFile)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq']
  // Debian starts a service when it installs it; the machine itself must get no sshd.
  const forbidServices = !existsSync(POLICY)
  if (forbidServices) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const newWriters = WRITERS.filter((service) => !hasService(service))
  try {
    await run('apt-get', [...wait, 'update'], options)
    await run(
      'apt-get',
      [...wait, 'install', '-y', '--no-install-recommends', ...packages],
      options,
    )
  } finally {
    if (forbidServices) rmSync(POLICY, { force: true })
  }
  const disable = newWriters.filter(hasService)
  if (disable.length > 0) await run('systemctl', ['disable', '--quiet', ...disable], options)
}

function hasService(service: string): boolean {
  return isInstalled('systemctl') && existsSync(`/lib/systemd/system/${service}`)
}
