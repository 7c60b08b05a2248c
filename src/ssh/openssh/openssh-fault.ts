import { typed } from '../../text/shell-quotes.ts'
import { type ConnectCause, recogniseConnectCause } from '../connect/connect-cause.ts'
import { connectFault, whereIs } from '../connect/connect-fault.ts'
import { codeOfRefusal } from '../connect/forwarded-wire.ts'
import type { Offers } from '../connect/opening.ts'
import type { HostAccess } from '../host-access.ts'
import { loginFault } from '../login/login-fault.ts'
import { readLogOfSshd, type SessionFault } from '../session-fault.ts'
import type { Hearing } from './hearing.ts'
import { type RefusedKey, refusedKeyFault } from './refused-key.ts'
import { withoutArguments } from './without-arguments.ts'

/** Why ssh did not connect, by what it said. */
export function opensshFault(
  hearing: Hearing,
  access: HostAccess,
): { readonly fault: SessionFault; readonly again: boolean } {
  const said = hearing.said()
  const text = said.join('\n')
  const shown = withoutPasswords(said, access)
  const last = shown.at(-1) ?? ''
  const words = shown.slice(-3).join('; ')
  const refused = refusedKey(text)
  if (refused) return { fault: refusedKeyFault(refused, access, hearing.key()), again: false }
  if (hearing.step() === 'logging-in')
    return { fault: opensshLoginFault(hearing, access), again: false }

  const cause = causeOf(text, hearing, access)
  if (cause === undefined) {
    const fault: SessionFault = {
      stage: 'connect',
      reason: `ssh did not connect to ${whereIs(access)}: it ${words ? `said "${words}"` : 'said nothing'}.`,
      remedy:
        '`ssh -v HOST` on this machine shows more. Remove the cause, then run the same command again.',
    }
    return { fault, again: false }
  }
  // ssh itself dials nothing then: what is said of that, or of a broken pipe, is about the command. The host may never have heard of it.
  if (access.openssh?.proxyCommand !== undefined && ofDialling.has(cause)) {
    const own = ofProxyCommand(shown)
    return { fault: proxyCommandFault(own, access), again: own.length === 0 }
  }
  const fault = connectFault(cause, access, refusalOf(access) || last, offersIn(text))
  return { fault, again: cause === 'closed-early' }
}

function withoutPasswords(said: readonly string[], { openssh }: HostAccess): readonly string[] {
  const command = openssh?.proxyCommand
  return command === undefined ? said : said.map((line) => withoutArguments(line, command))
}

const ofDialling: ReadonlySet<ConnectCause> = new Set([
  ...(['closed-early', 'refused', 'no-route', 'rejected'] as const),
  ...(['unknown-name', 'name-service-down', 'no-answer'] as const),
])

/** What a ProxyCommand itself said. That a connection was closed, by it or by an ssh in it, says nothing of who closed it. */
function ofProxyCommand(said: readonly string[]): readonly string[] {
  return said.filter(
    (line) => !/^(kex|ssh|banner).*exchange|^Connection (closed|reset) by /.test(line),
  )
}

/** A silent one may be right: then sshd of the host, or of a host on the way, dropped the connection. */
function proxyCommandFault(own: readonly string[], access: HostAccess): SessionFault {
  const { words = [], destination = access.address } = access.openssh ?? {}
  // People write passwords into commands: one of the inventory is not shown.
  const isShown = !words.some((word) => /proxycommand/i.test(word))
  const more = isShown
    ? `To see more: \`${['ssh', '-v', ...words, '--', destination].map(typed).join(' ')}\`.`
    : 'To see more, run `ssh -v` with the ProxyCommand of the inventory.'
  const command = 'the ProxyCommand in the SSH configuration or the inventory, or what it needs'
  if (own.length > 0) {
    return {
      stage: 'connect',
      reason: `The ProxyCommand for ${whereIs(access)} ended before an SSH banner came: it said "${own.slice(0, 3).join('; ')}".`,
      remedy: `${more} Correct ${command}.`,
    }
  }
  return {
    stage: 'connect',
    reason: `The connection to ${whereIs(access)} through its ProxyCommand closed before an SSH banner came.`,
    remedy: `sshd of that host, or of a host on the way, may have too many logins in progress (MaxStartups): run with a lower --forks. Or the command was refused its login: without \`-q\`, an \`ssh\` in it says so. Or correct ${command}. ${more}`,
  }
}

/** The one place that knows the words of ssh for a connection that failed; undefined where they say something else. */
function causeOf(text: string, hearing: Hearing, access: HostAccess): ConnectCause | undefined {
  const step = hearing.step()
  if (/Stdio forwarding request failed|mux_client_request_stdio_fwd/.test(text)) {
    const code = codeOfRefusal(refusalOf(access), undefined)
    return recogniseConnectCause({ message: text, code }, step)
  }
  const known = recogniseConnectCause({ message: text, code: codeIn(text) }, step)
  if (known !== 'broken' && known !== 'closed-early') return known
  if (
    /banner line contains invalid|banner exchange: .*invalid format|Protocol major versions/.test(
      text,
    )
  )
    return 'not-ssh'
  // With a ProxyCommand ssh does not say that it is connected.
  if (
    /^(kex_exchange_identification|banner exchange|ssh_exchange_identification): .*(closed|reset|aborted|broken pipe)/im.test(
      text,
    )
  )
    return 'closed-early'
  if (step === 'exchanging-keys' && /Connection (closed|reset)|disconnect/i.test(text))
    return 'broken'
  return undefined
}

const codes: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, 'ECONNREFUSED'],
  [/No route to host|Network is unreachable|Host is down/, 'EHOSTUNREACH'],
  [/Temporary failure in name resolution/, 'EAI_AGAIN'],
  [/Could not resolve hostname/, 'ENOTFOUND'],
  [/connect to .*: (Connection|Operation) timed out/, 'ETIMEDOUT'],
]

function codeIn(text: string): string | undefined {
  return codes.find(([words]) => words.test(text))?.[1]
}

/** What the bastion said of this host. */
function refusalOf({ via, address, port }: HostAccess): string {
  const onward = via?.connection()?.onward
  return onward?.kind === 'openssh' ? onward.refusal(address, port) : ''
}

function offersIn(text: string): Offers | undefined {
  const [, what, list = ''] = /no matching (.*?) found\. Their offer: (\S+)/.exec(text) ?? []
  if (what === undefined) return undefined
  const names = (about: RegExp) => (about.test(what) ? list.split(',') : [])
  return {
    ...{ keyExchanges: names(/key exchange/), hostKeys: names(/host key/) },
    ...{ ciphers: names(/cipher/), macs: names(/MAC/i) },
  }
}

function refusedKey(text: string): RefusedKey | undefined {
  if (!/Host key verification failed|host key .*revoked|REVOKED HOST KEY/i.test(text))
    return undefined
  const [, file, line] = /^Offending .*?key (?:for IP )?in (.+):(\d+)$/m.exec(text) ?? []
  const [, list] = /revoked by file (.+)$/m.exec(text) ?? []
  if (/REVOKED HOST KEY|marked as revoked|revoked by file/i.test(text))
    return { kind: 'revoked', where: list }
  if (/IDENTIFICATION HAS CHANGED/.test(text)) {
    return { kind: 'changed', file, line: line === undefined ? undefined : Number(line) }
  }
  return {
    kind: 'unknown',
    words: /^(?:No .* host key is known|Certificate|Host key).*$/m.exec(text)?.[0],
  }
}

/** Why a login failed. What ssh says of keys that it could not use is part of the reason. */
function opensshLoginFault(hearing: Hearing, access: HostAccess): SessionFault {
  const said = withoutPasswords(hearing.said(), access)
  const text = said.join('\n')
  const aboutKeys = said.filter((line) =>
    /^(?:sign_and_send_pubkey|Load key|Permissions .* are too open|no such identity|Agent|get_agent|Confirm user presence|Enter PIN|.*(?:certificate|PKCS|sk-|device not found))/i.test(
      line,
    ),
  )
  const leftAside = aboutKeys.slice(-5).map((line) => `ssh said "${line}".`)
  const known = {
    ...access,
    identities: { ...access.identities, leftAside: [...access.identities.leftAside, ...leftAside] },
  }
  const refusal = /Too many authentication failures/.test(text)
    ? 'too-many-attempts'
    : /Permission denied|No more authentication methods/.test(text)
      ? 'refused'
      : 'closed'
  const record = { ...hearing.login, tried: [...hearing.login.tried] }
  if (access.password && /password|keyboard/.test(record.methods?.join() ?? ''))
    record.tried.push('the password')
  const fault = loginFault(refusal, known, record, said.at(-1) ?? 'it ended')
  return refusal === 'closed' ? { ...fault, remedy: readLogOfSshd } : fault
}
