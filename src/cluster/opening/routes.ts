import { FwRunError } from '../../errors.ts'
import type { InventoryHost } from '../../inventory/inventory.ts'
import type { RunSettings } from '../../runs/run.ts'
import { emptyAlgorithms } from '../../ssh/algorithms.ts'
import { findRoute, type Route } from '../../ssh-config/route.ts'
import type { SshAnswer } from '../../ssh-config/ssh-answer.ts'
import type { Question, SshConfig } from '../../ssh-config/ssh-config.ts'
import { groupHosts, hostList } from '../../text/host-list.ts'

/**
 * Finds the way to each host in the SSH configuration. What the configuration wants and fw-run cannot do is a `credentials`
 * fault that names all hosts with that fault, before any connection.
 */
export async function findRoutes(
  hosts: readonly InventoryHost[],
  config: SshConfig,
  settings: Pick<RunSettings, 'user'>,
): Promise<ReadonlyMap<string, Route>> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      const [before, after] = host.sshOptions ?? []
      const proxy = before?.hasProxy ? before.proxy : after?.proxy
      const route = await findRoute(config, questionFor(host, settings), proxy)
      return { name: host.name, route: 'fault' in route ? route : usable(route) }
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

type Refused = { readonly fault: string; readonly remedy: string }

/** The way, unless something on it asks for what fw-run does not have. */
function usable(route: Route): Route | Refused {
  const asked = [
    ...route.stops.map(({ name, answer }) => ({ who: `the bastion ${name}`, answer })),
    { who: 'the host', answer: route.answer },
  ]
  for (const { who, answer } of asked) {
    const refused = answer && refusal(who, answer)
    if (refused) return refused
  }
  return route
}

function refusal(who: string, answer: SshAnswer): Refused | undefined {
  const [certificate] = answer.certificateFiles
  if (certificate !== undefined) {
    return {
      fault: `The SSH configuration has CertificateFile ${certificate} for ${who}, and fw-run cannot log in with a user certificate.`,
      remedy:
        'Authorise a plain key there, and take CertificateFile out for this host; or run with --no-ssh-config and --private-key.',
    }
  }
  const [bound] = answer.binds
  if (bound !== undefined) {
    return {
      fault: `The SSH configuration has BindAddress or BindInterface ${bound} for ${who}, and fw-run cannot choose from where it connects.`,
      remedy: 'Take it out for this host, or run with --no-ssh-config.',
    }
  }
  if (answer.logins?.length === 0) {
    return {
      fault: `The SSH configuration allows no way to log in to ${who} that fw-run has: neither publickey, password nor keyboard-interactive.`,
      remedy:
        'fw-run does not have gssapi-with-mic or hostbased. Add publickey to PreferredAuthentications for this host.',
    }
  }
  const [empty] = emptyAlgorithms(answer.algorithms)
  if (empty === undefined) return undefined
  return {
    fault: `The SSH configuration allows only ${empty} for ${who} that fw-run does not have.`,
    remedy: `Add to ${empty} for this host: ${suggested[empty]}.`,
  }
}

const suggested: Readonly<Record<string, string>> = {
  KexAlgorithms: 'curve25519-sha256',
  Ciphers: 'aes256-gcm@openssh.com',
  MACs: 'hmac-sha2-256-etm@openssh.com',
  HostKeyAlgorithms: 'ssh-ed25519',
}
