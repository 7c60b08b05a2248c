import type { Emit } from '../../events.ts'
import type { InventoryHost } from '../../inventory/inventory.ts'
import type { PasswordPrompt } from '../../prompt/password.ts'
import type { RunSettings } from '../../runs/run-settings.ts'
import type { Secret } from '../../secret.ts'
import { type Bastion, createBastion } from '../../ssh/bastion.ts'
import {
  byLoginFirst,
  createStandIn,
  type StandIn,
  type StandIns,
} from '../../ssh/bastion-by-login.ts'
import type { HostAccess, OpensshWay } from '../../ssh/host-access.ts'
import { type ConfiguredKeys, createKeyring, type OtherWay } from '../../ssh/keyring.ts'
import { createPrivatePlace } from '../../ssh/private-place.ts'
import type { RouteStop } from '../../ssh-config/route.ts'
import type { SshAnswer } from '../../ssh-config/ssh-answer.ts'
import type { Question, SshConfig } from '../../ssh-config/ssh-config.ts'
import { chooseTransports } from './choose-transports.ts'
import { openMasterOf } from './open-masters.ts'
import { becomeOf, demandRoot, loginOf } from './root-login.ts'
import { type ChosenRoute, questionFor } from './routes.ts'
import type { Trust } from './trust.ts'

/** How to reach a host and log in there: address, bastion, user, keys and passwords. */
export type Dial = (host: InventoryHost) => Promise<HostAccess>

/** What is known before the first host is dialled. */
export interface Surroundings {
  readonly settings: RunSettings
  /** The user who runs it, on this machine. */
  readonly user: string
  readonly routes: ReadonlyMap<string, ChosenRoute>
  readonly sshConfig: SshConfig
  readonly trust: Trust
  readonly standIns: StandIns
  readonly emit: Emit
}

/** The ways to the hosts, and the bastions on them. */
export interface Credentials {
  readonly dial: Dial
  /** From here on the ssh binary connects a host, because of what ssh2 lacks (undefined: the user knows). False if that may not be, or is so already. */
  leaveToSsh(host: InventoryHost, why: string | undefined): Promise<boolean>
  /** Ends the connections to all bastions, and every ssh. */
  close(): void
}

/**
 * Asks for every secret that the run may need, once and before any connection. The inventory wins over options, as in
 * Ansible, and both over the SSH configuration.
 */
export async function gatherCredentials(
  hosts: readonly InventoryHost[],
  surroundings: Surroundings,
  prompt: PasswordPrompt,
): Promise<Credentials> {
  try {
    const methods = demandRoot(hosts, surroundings)
    const credentials = await askSecrets(hosts, surroundings, [...methods].join(' or '), prompt)
    // Keys are read, and passphrases asked, before the first host is dialled.
    for (const host of hosts) await credentials.dial(host)
    return credentials
  } finally {
    prompt.close()
  }
}

async function askSecrets(
  hosts: readonly InventoryHost[],
  { settings, user, routes, sshConfig, trust, standIns, emit }: Surroundings,
  methods: string,
  prompt: PasswordPrompt,
): Promise<Credentials> {
  const password = settings.askPass ? await prompt.ask('SSH password') : undefined
  const becomePassword = settings.askBecomePass
    ? await askBecome(prompt, methods, password)
    : undefined
  const keyring = createKeyring({
    agentSocket: process.env.SSH_AUTH_SOCK,
    askPassphrase: (file) => prompt.ask(`Passphrase for ${file}`),
  })
  const keyFile = (host: InventoryHost) => host.privateKeyFile ?? settings.privateKey
  const transports = await chooseTransports(hosts, {
    ...{ settings, routes, trust, emit },
    keysNeedSsh: (file, answer, host) => {
      const own = host && (host.password ?? password)
      return keyring.onlySsh(file ? [file] : [], own !== undefined, keysOf(answer))
    },
    keyFile,
  })
  const place = createPrivatePlace()
  const bastions = new Map<string, Bastion>()
  const dial: Dial = async (host) => {
    const { answer, stops = [], byCommand = false } = routes.get(host.name) ?? {}
    const login = loginOf(host, answer, { settings, user })
    const root = {
      user: login,
      become: becomeOf(host, login),
      becomePassword: host.becomePassword ?? becomePassword,
    }
    if (host.isLocal) return { ...localAccess(host), ...root }
    const own = host.password ?? password
    const byOpenssh = transports.isBySsh(host)
    return {
      name: host.name,
      destination: host.address,
      ...(await reach(host.name, host.address, host.port, answer, byOpenssh)),
      ...(await keysFor(
        questionFor(host, settings),
        keyFile(host),
        own,
        answer,
        byOpenssh && { byCommand },
      )),
      ...root,
      password: own,
      via: await bastionAt(stops, byOpenssh),
    }
  }
  const reach = async (
    name: string,
    address: string,
    port: number | undefined,
    answer: SshAnswer | undefined,
    byOpenssh: boolean,
  ) => ({
    address: answer?.hostName ?? address,
    port: answer?.port ?? port ?? 22,
    family: families[answer?.addressFamily ?? 'any'],
    hostKeys: await trust(name, answer, byOpenssh),
    algorithms: answer?.algorithms,
    logins: answer?.logins,
    connectSeconds: settings.isTimeoutGiven ? undefined : answer?.connectTimeout,
    aliveSeconds: answer?.aliveSeconds,
  })
  async function keysFor(
    question: Question,
    file: string | undefined,
    own: Secret | undefined,
    answer: SshAnswer | undefined,
    bySsh: false | Pick<RouteStop, 'byCommand'>,
    otherWay?: OtherWay,
  ): Promise<Pick<HostAccess, 'identities' | 'openssh'>> {
    const files = file === undefined ? [] : [file]
    const about = [files, own !== undefined, keysOf(answer), otherWay] as const
    if (!bySsh) return { identities: await keyring.identities(...about) }
    const openssh: OpensshWay = {
      words: sshConfig.words(question),
      destination: question.host,
      keyFile: file,
      passphrases: await keyring.passphrases(...about),
      proxyCommand: bySsh.byCommand ? (answer?.proxyCommand ?? '') : undefined,
      place,
    }
    return { identities: { offers: [], leftAside: [] }, openssh }
  }
  // The passwords are for the hosts of the inventory only, as are the keys named for them: a bastion gets what ssh would use there.
  async function bastionAt(
    stops: readonly RouteStop[],
    byOpenssh: boolean,
  ): Promise<Bastion | undefined> {
    const stop = stops.at(-1)
    if (!stop) return undefined
    const way = JSON.stringify(stops.map(({ question }) => question))
    const about = `${byOpenssh} ${way}`
    const known = bastions.get(about)
    if (known) return known
    const via = await bastionAt(stops.slice(0, -1), byOpenssh)
    const { name, question, answer } = stop
    const standIn = standInFor(way, stop)
    const access: HostAccess = {
      name,
      isBastion: true,
      loginWords: sshConfig.words(question),
      ...(await reach(name, question.host, question.port, answer, byOpenssh)),
      ...(await keysFor(
        question,
        undefined,
        undefined,
        answer,
        byOpenssh && stop,
        standIn && { name: way, isOpen: standIn.isOpen },
      )),
      user: answer?.user ?? question.user ?? user,
      password: undefined,
      ...{ become: 'none', becomePassword: undefined },
      via,
    }
    const own = createBastion(access, settings.timeout)
    const bastion = bastions.get(about) ?? (standIn ? byLoginFirst(own, standIn, byOpenssh) : own)
    bastions.set(about, bastion)
    return bastion
  }
  function standInFor(way: string, stop: RouteStop): StandIn | undefined {
    if (settings.transport === 'ssh2' || !stop.answer?.hasControlPath) return undefined
    const heard = (socket: string) =>
      emit({
        kind: 'warning',
        message: `fw-run could not log in to the bastion ${stop.name}. So the program ssh connects the hosts behind it, through your open connection to it (ControlPath ${socket}).`,
      })
    const standIn =
      standIns.get(way) ??
      createStandIn(
        stop.name,
        sshConfig.words(stop.question),
        () => openMasterOf(sshConfig, stop),
        heard,
      )
    standIns.set(way, standIn)
    return standIn
  }
  return {
    dial,
    leaveToSsh: transports.leaveToSsh,
    close() {
      for (const bastion of bastions.values()) bastion.close()
      place.close()
    },
  }
}

/** The access to this machine: no key and no password plays a part. */
function localAccess({ name, address, port, settings }: InventoryHost) {
  return {
    ...{ name, address, port: port ?? 22, password: undefined },
    identities: { offers: [], leftAside: [] },
    hostKeys: { knownHosts: [] },
    local: { addresses: settings.addresses },
  }
}

const families = { any: undefined, inet: 4, inet6: 6 } as const

function keysOf(answer: SshAnswer | undefined): ConfiguredKeys | undefined {
  if (!answer) return undefined
  return {
    files: answer.identityFiles,
    only: answer.identitiesOnly,
    agentSocket: agentOf(answer.identityAgent),
  }
}

/** The socket that IdentityAgent names; undefined: that of SSH_AUTH_SOCK. */
function agentOf(value: string | undefined): string | undefined {
  if (value === undefined || value === 'SSH_AUTH_SOCK') return undefined
  return value.startsWith('$') ? (process.env[value.slice(1)] ?? 'none') : value
}

/** As in Ansible, an empty password means the SSH password. */
async function askBecome(
  prompt: PasswordPrompt,
  methods: string,
  password: Secret | undefined,
): Promise<Secret> {
  const words = `${methods || 'sudo'} password`
  if (!password) return prompt.ask(words)
  const answer = await prompt.ask(`${words} (empty: the SSH password)`)
  return answer.reveal() === '' ? password : answer
}
