import { FwRunError } from '../../errors.ts'
import type { Emit } from '../../events.ts'
import type { InventoryHost } from '../../inventory/inventory.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import { hasOnlyAuthority, hostCertificate, isBinaryList } from '../../ssh/known-hosts.ts'
import { isSshHere } from '../../ssh/private-place.ts'
import type { SshAnswer } from '../../ssh-config/ssh-answer.ts'
import { groupHosts, hostList } from '../../text/host-list.ts'
import type { ChosenRoute } from './routes.ts'
import type { Trust } from './trust.ts'

/** Which hosts, with their bastions, the ssh binary connects in place of ssh2. */
export interface Transports {
  isBySsh(host: InventoryHost): boolean
  /** Leaves a host to the ssh binary, and says why; false if that may not be, or is so already. */
  leaveToSsh(host: InventoryHost, why: string | undefined): Promise<boolean>
}

/** What the choice depends on. */
export interface TransportNeeds {
  readonly settings: Pick<RunSettings, 'transport'>
  readonly routes: ReadonlyMap<string, ChosenRoute>
  readonly trust: Trust
  readonly emit: Emit
  /** What only ssh can do with the keys for a host, or for a bastion, for which `host` is undefined. */
  readonly keysNeedSsh: (
    file: string | undefined,
    answer: SshAnswer | undefined,
    host: InventoryHost | undefined,
  ) => Promise<string | undefined>
  readonly keyFile: (host: InventoryHost) => string | undefined
}

/**
 * Chooses ssh2 for each host, unless something on the way to it needs the ssh binary: says so in one line for all hosts with the
 * same reason. `--transport` has the last word.
 */
export async function chooseTransports(
  all: readonly InventoryHost[],
  needs: TransportNeeds,
): Promise<Transports> {
  const hosts = all.filter(({ isLocal }) => !isLocal)
  const { settings, emit } = needs
  const { transport } = settings
  const bySsh = new Set<string>()
  const say = (names: readonly string[], why: string) =>
    emit({
      kind: 'warning',
      message: `${hostList(names)}: the program ssh connects ${names.length === 1 ? 'this host' : 'these hosts'}, because ssh2 does not support ${why}.`,
    })
  if (transport === 'openssh') {
    for (const { name } of hosts) bySsh.add(name)
  }
  if (transport === undefined) {
    const found = await Promise.all(
      hosts.map(async (host) => ({ name: host.name, why: (await needOf(host, needs)) ?? '' })),
    )
    const needy = found.filter(({ why }) => why !== '')
    for (const [why, group] of groupHosts(needy, (one) => one.why)) {
      const names = group.map(({ name }) => name)
      for (const name of names) bySsh.add(name)
      say(names, why)
    }
  }
  if (bySsh.size > 0 && !(await isSshHere())) throw sshIsMissing([...bySsh])
  return {
    isBySsh: ({ name }) => bySsh.has(name),
    async leaveToSsh({ name }, why) {
      if (transport !== undefined || bySsh.has(name) || !(await isSshHere())) return false
      bySsh.add(name)
      if (why !== undefined) say([name], why)
      return true
    },
  }
}

/** What on the way to a host only the ssh binary can do. */
async function needOf(
  host: InventoryHost,
  { routes, trust, keysNeedSsh, keyFile }: TransportNeeds,
): Promise<string | undefined> {
  const route = routes.get(host.name)
  if (route?.onlySsh !== undefined) return route.onlySsh
  const all = [
    ...(route?.stops ?? []).map(({ name, question: { host: address, port }, answer }) => {
      return { name, address, port, answer, file: undefined, host: undefined }
    }),
    { ...host, answer: route?.answer, file: keyFile(host), host },
  ]
  for (const { name, address, port, answer, file, host } of all) {
    const aboutKeys = await keysNeedSsh(file, answer, host)
    if (aboutKeys !== undefined) return aboutKeys
    const revoked = answer?.revokedHostKeys
    if (revoked !== undefined && (await isBinaryList(revoked)))
      return `the binary list of revoked keys ${revoked}`
    const { knownHosts, alias } = await trust(name, answer, true)
    const at = [answer?.hostName ?? address, answer?.port ?? port ?? 22] as const
    if (hasOnlyAuthority(knownHosts, ...at, alias)) return hostCertificate
  }
  return undefined
}

function sshIsMissing(names: readonly string[]): FwRunError {
  return new FwRunError(
    'credentials',
    `There is no ssh on this machine, but fw-run needs it to connect to ${hostList(names)}.`,
    {
      remedy:
        'Install openssh-client. Or run with --transport ssh2: fw-run then says what ssh2 cannot do.',
    },
  )
}
