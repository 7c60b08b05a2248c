import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FwRunError } from '../../errors.ts'
import { placeOf, replaceFile, tryBeside, withMode } from '../../jump-host/replace-file.ts'
import { whyUnwritten } from '../../jump-host/why-unwritten.ts'
import { typed } from '../../text/shell-quotes.ts'
import { isHostAddress, memberAddress } from '../addresses.ts'
import type { Inventory, InventoryHost } from '../inventory.ts'
import type { Probe } from '../probe.ts'
import { parseHostKey } from '../reading/host-range.ts'
import { renderValue } from '../yaml/render-value.ts'

/** What a first inventory says of the hosts, beside how they are reached. */
export interface FirstAnswers {
  /** Where the hosts come from, for a comment. */
  readonly source: string
  /** Who logs in; undefined: as ssh does it, or as the hosts have it. */
  readonly user: string | undefined
  /** The key to log in with where the hosts name none; undefined: as ssh does it. */
  readonly privateKey: string | undefined
  readonly interfacesOf: (host: InventoryHost) => readonly string[]
  readonly guardOf: (host: InventoryHost) => InventoryHost['settings']['guard']
}

/** The argument of `-i` for hosts that somebody typed with spaces or commas between them, or what is wrong with them. */
export function listOfHosts(words: string): { readonly list: string } | { readonly fault: string } {
  const names = words.split(/[\s,]+/).filter((word) => word !== '')
  if (names.length === 0) return { fault: 'Name at least one host.' }
  for (const name of names) {
    const key = parseHostKey(name)
    if (key.kind === 'fault') return { fault: `${name}: ${key.fault}` }
    if (!/^\[?[\w.:-]+\]?(:\d+)?$/.test(name)) return { fault: `${name} is not the name of a host` }
  }
  return { list: `${names.join(',')},` }
}

/** Throws an FwRunError unless a file can be written there, and there is none, or it may be replaced. */
export async function demandNewFile(file: string, overwrite: boolean): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found && !found.isFile()) {
    throw new FwRunError('usage', `${file} is not a regular file. Nothing was written.`, {
      remedy: 'Name another file.',
    })
  }
  if (!found || overwrite) {
    try {
      await tryBeside((await placeOf(file)).path)
    } catch (cause) {
      throw unwritten(file, cause)
    }
    return
  }
  throw new FwRunError('usage', `${file} already exists. fw-run wrote nothing.`, {
    remedy: `To look at the hosts with it: \`fw-run preflight -i ${typed(file)}\`. To replace it, add --overwrite. To write another file: \`fw-run init FILE\`.`,
  })
}

/** The text of a first inventory, with comments. Passwords are never in it. An FwRunError if the hosts need what it cannot say. */
export function renderFirstInventory(
  { hostsToProtect: hosts, nodes }: Pick<Inventory, 'hostsToProtect' | 'nodes'>,
  { source, ...answers }: FirstAnswers,
): string {
  // Of a node that is not to be protected, such as a controller without pods, the others still need the addresses.
  const others = nodes
    .filter((node) => !hosts.includes(node))
    .flatMap(({ settings }) => settings.addresses)
  const perHost = hosts.map((host) => variablesOf(host, answers, others))
  const shared = new Map(
    [...(perHost[0] ?? [])].filter(
      ([name, value]) => !OF_ONE_HOST.has(name) && perHost.every((one) => one.get(name) === value),
    ),
  )
  const ofAll = (name: string, comment: string): readonly string[] => {
    const value = shared.get(name)
    const line = value === undefined ? `# ${name}: ${EXAMPLES[name] ?? ''}` : `${name}: ${value}`
    return [`    # ${comment}`, `    ${line}`]
  }
  const more = [...shared].filter(([name]) => !COMMENTED.has(name))
  return `${[
    `# Inventory of fw-run, with hosts from ${source}.`,
    '#   fw-run preflight -i FILE   looks at all hosts, and changes nothing',
    '#   fw-run apply -i FILE       protects all hosts, or changes none',
    'all:',
    '  vars:',
    ...ofAll(
      'ansible_user',
      'The login user: root, or a user who becomes root. If it is not set: the user that ssh would use.',
    ),
    ...ofAll(
      'fw_interface',
      'The interface on which packets from the subnet of the nodes come in.',
    ),
    ...ofAll(
      'fw_guard',
      'The guard: forward (set and rule), nft (a table), mangle (a chain), or auto (nft, else mangle).',
    ),
    ...ofAll(
      'fw_extra_members',
      'Other machines that may send packets to pods, such as a load balancer.',
    ),
    ...more.map(([name, value]) => `    ${name}: ${value}`),
    '  hosts:',
    '    # List every node, also of the control plane: the hosts stop packets from a node that is missing here.',
    ...hosts.map(({ name }, index) => {
      const own = [...(perHost[index] ?? [])].filter(([variable]) => !shared.has(variable))
      const pairs = own.map(([variable, value]) => `${variable}: ${value}`).join(', ')
      return `    ${renderValue(name)}:${pairs ? ` { ${pairs} }` : ''}`
    }),
  ].join('\n')}\n`
}

/**
 * Writes a file onto the disk, whole or not at all; with `overwrite`, in place of another, whose mode and symbolic links stay.
 * A fault is an FwRunError.
 */
export async function writeNewFile(file: string, text: string, overwrite: boolean): Promise<void> {
  try {
    const { path, mode = 0o644 } = await placeOf(file)
    await replaceFile(path, text, {
      make: withMode(mode),
      ...(!overwrite && { check: () => reserve(path) }),
    })
  } catch (cause) {
    throw unwritten(file, cause)
  }
}

/** Takes a name for a new file, unless there is one of that name. */
async function reserve(file: string): Promise<void> {
  await (await open(file, 'wx')).close()
}

function unwritten(file: string, cause: unknown): FwRunError {
  return new FwRunError('usage', `${file}: cannot be written: ${whyUnwritten(cause)}.`, {
    remedy: 'Name a file in a directory that you can write: `fw-run init FILE`.',
    cause,
  })
}

const COMMENTED = new Set(['ansible_user', 'fw_interface', 'fw_guard', 'fw_extra_members'])
const OF_ONE_HOST = new Set(['ansible_host', 'ansible_connection', 'fw_addresses'])
const EXAMPLES: Readonly<Record<string, string>> = {
  ansible_user: 'ops',
  fw_interface: 'ens18',
  fw_guard: 'auto',
  fw_extra_members: '[192.0.2.9]',
}

/** The variables of a host, rendered: as it is reached, and what of its settings is no default. */
function variablesOf(
  host: InventoryHost,
  { user, privateKey, interfacesOf, guardOf }: Omit<FirstAnswers, 'source'>,
  others: readonly string[],
): ReadonlyMap<string, string> {
  const { name, address, port, rootWay, settings } = host
  const interfaces = interfacesOf(host)
  // What counts on reading back: the name does so only where no ansible_host is written.
  const known = [memberAddress(address)].filter((one) => one !== undefined)
  const { addresses } = settings
  const same = addresses.length === known.length && addresses.every((one) => known.includes(one))
  const values: readonly (readonly [string, unknown])[] = [
    ['ansible_connection', host.isLocal && 'local'],
    ['ansible_host', address === name ? undefined : address],
    ['ansible_port', port],
    ['ansible_user', host.user ?? user],
    ['ansible_ssh_private_key_file', host.privateKeyFile ?? (privateKey && absolute(privateKey))],
    ['ansible_ssh_args', sshArgumentsOf(host)[0]],
    ['ansible_ssh_common_args', sshArgumentsOf(host)[1]],
    ['ansible_become', host.become === false ? false : undefined],
    ['ansible_become_method', unless('sudo', rootWay?.method)],
    ['ansible_become_exe', unless(rootWay?.method, rootWay?.program)],
    ['ansible_become_flags', filled(rootWay?.options ?? [])?.join(' ')],
    ['fw_interface', interfaces.length > 1 ? interfaces : interfaces[0]],
    ['fw_guard', guardOf(host)],
    [
      'fw_addresses',
      same || (isHostAddress(address) && addresses.length === 0) ? undefined : addresses,
    ],
    ['fw_persist', unless(false, settings.persist)],
    ['fw_set', unless('cluster_nodes', settings.set)],
    ['fw_extra_members', filled([...settings.extraMembers, ...others])],
    ['fw_position', unless('auto', settings.position)],
    ['fw_action', unless('REJECT', settings.action)],
    ['fw_pod_cidrs', filled(settings.podCidrs)],
    ['fw_services', unless('close', settings.services)],
    ['fw_service_cidrs', filled(settings.serviceCidrs)],
    ['fw_published', settings.published],
    ['fw_probes', filled(settings.probes.map(({ probe }) => written(probe)))],
    ['fw_accept', filled(settings.accept)],
  ]
  return new Map(
    values.flatMap(([variable, value]) =>
      value === undefined ? [] : [[variable, renderValue(value)] as const],
    ),
  )
}

/** A value that is not the default; undefined for that. */
function unless<T>(usual: T | undefined, value: T | undefined): T | undefined {
  return value === usual ? undefined : value
}

/** A path as it is understood from everywhere. */
function absolute(path: string): string {
  return path.startsWith('~/') ? path : resolve(path)
}

function written(probe: Probe): Readonly<Record<string, string>> {
  switch (probe.kind) {
    case 'tcp': {
      const { host, port } = probe
      return { tcp: `${host.includes(':') ? `[${host}]` : host}:${port}` }
    }
    case 'http':
      return { http: probe.url }
    case 'command':
      return { command: probe.command }
  }
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined
}

/** The options of ssh that win over user and port, and those that do not. */
function sshArgumentsOf({ name, sshOptions }: InventoryHost): readonly (string | undefined)[] {
  const options = sshOptions ?? []
  if (options.some(({ proxy, configFile }) => proxy ?? configFile)) {
    throw new FwRunError(
      'inventory',
      `${name} has SSH options that init cannot copy: a bastion, or a file with a configuration. Nothing was written.`,
      {
        remedy: `Put the bastion of ${name} into ~/.ssh/config (ProxyJump), or use your inventory without init.`,
      },
    )
  }
  return options.map(({ words }) => filled(words)?.map(typed).join(' '))
}
