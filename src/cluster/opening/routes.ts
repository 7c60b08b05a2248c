import { FwRunError } from '../../errors.ts'
import type { InventoryHost } from '../../inventory/inventory.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import { emptyAlgorithms } from '../../ssh/algorithms.ts'
import { findRoute, type Route } from '../../ssh-config/route.ts'
import type { SshAnswer } from '../../ssh-config/ssh-answer.ts'
import type { Question, SshConfig } from '../../ssh-config/ssh-config.ts'
import { groupHosts, hostList } from '../../text/host-list.ts'

/** The way to a host; `onlySsh` says what on it only the ssh binary can do, if anything. */
export type ChosenRoute = Route & { readonly onlySsh: string | undefined }

/**
 * Finds the way to each host in the SSH configuration. What nobody can do is a `credentials` fault that names all hosts with
 * that fault, before any connection; with `--transport ssh2` also what only the ssh binary can do.
 */
export async function findRoutes(
  hosts: readonly InventoryHost[],
  config: SshConfig,
  settings: Pick<RunSettings, 'user' | 'transport'>,
): Promise<ReadonlyMap<string, ChosenRoute>> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      if (host.isLocal) return { name: host.name, route: nowhere(questionFor(host, settings)) }
      const [before, after] = host.sshOptions ?? []
      const proxy = before?.hasProxy ? before.proxy : after?.proxy
      const route = await findRoute(config, questionFor(host, settings), proxy)
      return {
        name: host.name,
        route: 'fault' in route ? route : usable(host.name, route, settings),
      }
    }),
  )
  const faults = found.flatMap(({ name, route }) => ('fault' in route ? [{ name, ...route }] : []))
  const [worst] = [...groupHosts(faults, ({ fault }) => fault).values()]
  if (worst?.[0]) {
    const { fault, remedy } = worst[0]
    const names = hostList(worst.map(({ name }) => name))
    throw new FwRunError('credentials', `${names}: ${fault}`, { remedy })
  }
  return new Map(found.flatMap(({ name, route }) => ('fault' in route ? [] : [[name, route]])))
}

/** The way to this machine: SSH has no part in it. */
function nowhere(question: Question): ChosenRoute {
  return { question, answer: undefined, stops: [], byCommand: false, onlySsh: undefined }
}

/** How ssh would be told to reach a host. */
export function questionFor(host: InventoryHost, { user }: Pick<RunSettings, 'user'>): Question {
  const [before, after] = host.sshOptions ?? []
  return {
    host: host.address,
    user: host.user ?? user,
    port: host.port,
    before: before?.words ?? [],
    after: after?.words ?? [],
    configFile: before?.configFile ?? after?.configFile,
  }
}

/** What ssh2 cannot do, and what to do about it with `--transport ssh2`; without a fault ssh2 does without it. */
interface Lack {
  readonly what: string
  readonly refused?: { readonly fault: string; readonly remedy: string }
}

/** The way, unless something on it asks for what the chosen transport does not have. */
function usable(
  host: string,
  route: Route,
  { transport }: Pick<RunSettings, 'transport'>,
): ChosenRoute | NonNullable<Lack['refused']> {
  const asked = [
    ...route.stops.map((stop) => ({ who: `the bastion ${stop.name}`, ...stop })),
    { ...route, who: route.stops.length > 0 || route.answer ? 'the host' : host, name: host },
  ]
  const lacks = asked.flatMap(({ who, name, answer, byCommand }) => [
    ...(byCommand ? [commandOf(name)] : []),
    ...(answer ? lacksOf(who, answer) : []),
  ])
  const refused = lacks.find((lack) => lack.refused)?.refused
  return transport === 'ssh2' && refused ? refused : { ...route, onlySsh: lacks[0]?.what }
}

function commandOf(host: string): Lack {
  return {
    what: 'ProxyCommand',
    refused: {
      fault: `The SSH configuration has a ProxyCommand for ${host}, which ssh2 cannot run.`,
      remedy: `${leaveOut}. Or name the bastion with ProxyJump, or with \`ProxyCommand ssh -W %h:%p BASTION\`.`,
    },
  }
}

const leaveOut = 'Run without --transport ssh2: then the program ssh connects this host'

function lacksOf(who: string, answer: SshAnswer): readonly Lack[] {
  const [certificate] = answer.certificateFiles
  const [bound] = answer.binds
  const { knownHostsCommand, pkcs11Provider, logins } = answer
  return [
    ...(certificate === undefined
      ? []
      : [
          lack(
            `CertificateFile ${certificate}`,
            `The SSH configuration has CertificateFile ${certificate} for ${who}, and ssh2 cannot log in with a user certificate.`,
          ),
        ]),
    ...(bound === undefined
      ? []
      : [
          lack(
            `BindAddress or BindInterface ${bound}`,
            `The SSH configuration has BindAddress or BindInterface ${bound} for ${who}, and ssh2 cannot choose its own address or interface.`,
          ),
        ]),
    ...(logins?.length === 0
      ? [
          lack(
            'PreferredAuthentications without publickey, password and keyboard-interactive',
            `The SSH configuration forbids publickey, password and keyboard-interactive for ${who}. ssh2 has no other way to log in.`,
          ),
        ]
      : []),
    ...emptyAlgorithms(answer.algorithms).map((name) =>
      lack(
        `any of the ${name} that the SSH configuration allows`,
        `For ${who}, the SSH configuration allows only ${name} that ssh2 does not support.`,
        `Or add to ${name} for this host: ${suggested[name]}`,
      ),
    ),
    ...(knownHostsCommand === undefined ? [] : [{ what: 'KnownHostsCommand' }]),
    ...(pkcs11Provider === undefined ? [] : [{ what: 'PKCS11Provider' }]),
  ]
}

function lack(what: string, fault: string, or?: string): Lack {
  return {
    what,
    refused: { fault, remedy: [leaveOut, ...(or ? [or] : [])].join('. ').concat('.') },
  }
}

const suggested: Readonly<Record<string, string>> = {
  KexAlgorithms: 'curve25519-sha256',
  Ciphers: 'aes256-gcm@openssh.com',
  MACs: 'hmac-sha2-256-etm@openssh.com',
  HostKeyAlgorithms: 'ssh-ed25519',
}
