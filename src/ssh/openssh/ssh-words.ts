import { givenHome } from '../../jump-host/own-home.ts'
import { quote } from '../../text/shell-quotes.ts'
import type { HostAccess, HostKeyRules, OpensshWay } from '../host-access.ts'
import { isNewHost, linesFor } from '../host-keys/host-key-trust.ts'

/** For how long a connection stays that nobody uses, in seconds: if this process is killed, nobody ends it. */
const persistSeconds = 30

/** A keepalive of ssh counts whole seconds. */
const maxUnansweredKeepalives = 3

/**
 * The words of an ssh that connects a host, logs in, and then stays as the master of a control socket. What fw-run
 * guarantees comes first, because the first mention of a setting counts.
 */
export function masterWords(
  access: HostAccess & { readonly openssh: OpensshWay },
  {
    socket,
    seconds,
    keepaliveSeconds,
  }: { socket: string; seconds: number; keepaliveSeconds: number },
  mayAsk: boolean,
): readonly string[] {
  const alive = Math.max(1, Math.floor(keepaliveSeconds / (maxUnansweredKeepalives + 1)))
  return [
    ...['-N'],
    ...options({
      ControlMaster: 'yes',
      ControlPath: unexpanded(socket),
      ControlPersist: String(persistSeconds),
      ServerAliveInterval: String(alive),
      ServerAliveCountMax: String(maxUnansweredKeepalives),
      BatchMode: mayAsk ? 'no' : 'yes',
      NumberOfPasswordPrompts: '1',
      StrictHostKeyChecking: mayAcceptNew(access) ? 'accept-new' : 'yes',
      ...(hashesNames(access.hostKeys) && { HashKnownHosts: 'yes' }),
    }),
    ...sharedWords(access, seconds),
  ]
}

/** The words of an ssh that connects a host anew and then cannot log in: it shows whether sshd answers. */
export function knockingWords(
  access: HostAccess & { readonly openssh: OpensshWay },
  seconds: number,
): readonly string[] {
  return [
    ...['-N'],
    ...options({
      ControlMaster: 'no',
      ControlPath: 'none',
      BatchMode: 'yes',
      StrictHostKeyChecking: 'yes',
      PubkeyAuthentication: 'no',
      PreferredAuthentications: 'none',
    }),
    ...sharedWords(access, seconds),
  ]
}

/** The words of an ssh that uses the connection of a control socket. If that is gone, it must not connect by itself. */
export function clientWords(socket: string): readonly string[] {
  return [
    ...['-F', 'none', '-x', '-a'],
    ...options({
      ControlMaster: 'no',
      ControlPath: unexpanded(socket),
      ProxyCommand: 'false',
      BatchMode: 'yes',
      LogLevel: 'ERROR',
    }),
  ]
}

/** The command of a host's ssh that reaches it through the connection of its bastion. */
export function proxyCommandThrough(socket: string, address: string, port: number): string {
  const words = [...clientWords(socket), '-W', `[${address}]:${port}`, '--', 'fw-run']
  // ssh expands tokens in it, and starts it by a shell.
  return ['ssh', ...words.map(quote)].join(' ').replaceAll('%', '%%')
}

function sharedWords(
  { address, port, via, openssh, hostKeys }: HostAccess & { readonly openssh: OpensshWay },
  seconds: number,
): readonly string[] {
  const onward = via?.connection()?.onward
  const { rememberIn } = hostKeys
  return [
    // Its remarks tell how far it came.
    ...['-v', '-T'],
    // Nothing of ours is forwarded: no display, no agent, no Kerberos ticket.
    ...['-x', '-a', '-k'],
    ...options({
      // Our own time limit comes first, with its words: this ends an ssh whose runner was killed.
      ConnectTimeout: String(Math.ceil(seconds) + 10),
      ConnectionAttempts: '1',
      NoHostAuthenticationForLocalhost: 'no',
      UpdateHostKeys: 'no',
      VisualHostKey: 'no',
      AddKeysToAgent: 'no',
      PermitLocalCommand: 'no',
      RemoteCommand: 'none',
      ClearAllForwardings: 'yes',
      ExitOnForwardFailure: 'no',
      Tunnel: 'no',
      Compression: 'no',
      ...(via && {
        // Without it ssh would dial by itself, or by a bastion of its own configuration.
        ProxyCommand: onward?.kind === 'openssh' ? onward.proxyCommand(address, port) : 'false',
        ProxyUseFdpass: 'no',
      }),
      ...(rememberIn && { UserKnownHostsFile: rememberIn.join(' ') }),
    }),
    ...(openssh.keyFile === undefined
      ? []
      : [
          '-i',
          unexpanded(openssh.keyFile.replace(/^~(?=\/)/, givenHome())),
          '-o',
          'IdentitiesOnly=yes',
        ]),
    ...openssh.words,
    ...['--', openssh.destination],
  ]
}

/** Whether ssh may write a new key down: it alone would also do so for a host of which it knows another one. */
export function mayAcceptNew({ address, port, hostKeys }: HostAccess): boolean {
  const { acceptNew, knownHosts, alias } = hostKeys
  return acceptNew !== undefined && isNewHost(linesFor(knownHosts, address, port, alias))
}

/** Whether the name of a new host is hashed, because the configuration says so or the file has hashed names. */
function hashesNames({ acceptNew, knownHosts }: HostKeyRules): boolean {
  if (!acceptNew) return false
  const isHashed = knownHosts.some(
    ({ file, names }) => file === acceptNew.file && names.startsWith('|'),
  )
  return acceptNew.hash || isHashed
}

function options(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

function unexpanded(path: string): string {
  return path.replaceAll('%', '%%')
}
