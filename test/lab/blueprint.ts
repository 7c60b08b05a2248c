import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostKey } from './host-key.ts'
import { hostMounts } from './host-mounts.ts'
import type { PlannedHost } from './spec.ts'

/** What each host's directory in the lab holds. */
const OF_A_HOST = ['upper/etc', 'upper/usr/lib/lab/pod', 'work', 'root']

/** What differs from lab to lab, as the shell script that cluster.sh reads in the lab's own directory. */
export async function renderBlueprint(
  hosts: readonly PlannedHost[],
  podRouting: 'vxlan' | 'bare',
  layers: string,
): Promise<string> {
  const directories = [
    ...['net', 'www', 'common/etc', '/run/lock', '/run/netns'],
    ...hosts.flatMap(({ name }) => OF_A_HOST.map((part) => `hosts/${name}/${part}`)),
  ]
  const pinned = (await Promise.all(hosts.map((host) => pins(host, layers)))).flat()
  const key = (suffix: string): string =>
    readFileSync(join(layers, `jump/id_ed25519${suffix}`), 'utf8')
  return [
    `pod_routing=${podRouting}`,
    `mkdir -p ${directories.join(' ')}`,
    'umask 077',
    'mkdir -p jump/.ssh',
    file('jump/.ssh/id_ed25519', key('')),
    'umask 022',
    file('jump/.ssh/id_ed25519.pub', key('.pub')),
    file('jump/.ssh/known_hosts', lines(pinned)),
    file(
      'common/etc/hosts',
      lines(['127.0.0.1 localhost', '192.168.64.1 jump', ...hosts.map(hostsLine)]),
    ),
    file('www/index.html', 'outsider\n'),
    file('spec', lines(hosts.map(specLine))),
    ...hosts.flatMap((host) => filesOf(host, layers)),
    '',
  ].join('\n')
}

function filesOf(host: PlannedHost, layers: string): readonly string[] {
  const { name, index, rules, sets, shell } = host
  const directory = `hosts/${name}`
  const accounts = readFileSync(join(layers, 'base/etc/passwd'), 'utf8')
  return [
    file(`${directory}/fstab`, lines(hostMounts(host))),
    file(`${directory}/upper/etc/hostname`, `${name}\n`),
    file(`${directory}/upper/etc/passwd`, accounts.replace(/^(ops:.*:).*$/m, `$1${shell}`)),
    file(`${directory}/upper/usr/lib/lab/pod/index.html`, `pod${index}\n`),
    file(`${directory}/rules`, ended(rules.replaceAll('10.42.1.0/24', `10.42.${index}.0/24`))),
    file(`${directory}/sets`, ended(sets)),
  ]
}

/** The lines of known_hosts for one host: by name and by address. */
async function pins(host: PlannedHost, layers: string): Promise<readonly string[]> {
  const { name, index, address, sshPort } = host
  const keys = await Promise.all(host.hostKeyTypes.map((type) => hostKey(layers, index, type)))
  const names = [name, address].map((one) => (sshPort === 22 ? one : `[${one}]:${sshPort}`))
  return keys.flatMap((key) => names.map((one) => `${one} ${key}`))
}

function hostsLine({ name, address }: PlannedHost): string {
  return `${address} ${name}`
}

/** The arguments of host.sh. */
function specLine({ name, index, interface: device, sshPort, login }: PlannedHost): string {
  return [name, index, device, sshPort, login].join(' ')
}

/** Writes a file with nothing but what the shell has built in. */
function file(path: string, text: string): string {
  return `printf %s '${text.replaceAll("'", `'\\''`)}' >${path}`
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
