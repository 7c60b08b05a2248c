import { maxSeconds } from '../../limits.ts'
import { onceFor } from '../../memory/once-for.ts'
import type { SshAlgorithms, SshAnswer } from '../ssh-answer.ts'

/** What `ssh -G` printed: the values of each keyword, in lower case, in their order. */
export type PrintedSettings = ReadonlyMap<string, readonly string[]>

/** Reads the output of `ssh -G`: one `keyword value` a line. */
export function parsePrinted(text: string): PrintedSettings {
  const settings = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, keyword, value = ''] = /^(\S+)(?: (.*))?$/.exec(line) ?? []
    if (keyword === undefined) continue
    const name = keyword.toLowerCase()
    const values = settings.get(name)
    if (values) values.push(value)
    else settings.set(name, [value])
  }
  return settings
}

/** Makes an answer of what `ssh -G` printed for a host, and for none at all; `expand` replaces tokens in a value. */
export function answerOf(
  printed: PrintedSettings,
  builtIn: PrintedSettings,
  hostName: string,
  expand: (value: string) => string,
): SshAnswer {
  const one = (keyword: string) => printed.get(keyword)?.[0]
  const stated = statedSettings(builtIn)(printed)
  const own = (keyword: string) => stated.get(keyword)
  const files = (keyword: string) => own(keyword)?.[0]?.split(' ').filter(isSome).map(expand)
  const given = (keyword: string) => printed.get(keyword)?.filter(isSome) ?? []
  const interval = Number(one('serveraliveinterval') ?? 0)
  return {
    hostName,
    port: Number(one('port') ?? 22),
    user: one('user') ?? '',
    addressFamily: familyOf(one('addressfamily')),
    identityFiles: own('identityfile')?.filter(isSome).map(expand),
    identitiesOnly: one('identitiesonly') === 'yes',
    hasControlPath: controlPathOf(printed) !== undefined,
    identityAgent: agentOf(one('identityagent'), expand),
    certificateFiles: given('certificatefile').map(expand),
    proxyJump: given('proxyjump').map(expand)[0],
    proxyCommand: given('proxycommand')[0],
    userKnownHostsFiles: files('userknownhostsfile'),
    globalKnownHostsFiles: files('globalknownhostsfile'),
    revokedHostKeys: given('revokedhostkeys').map(expand)[0],
    knownHostsCommand: given('knownhostscommand')[0],
    pkcs11Provider: given('pkcs11provider')[0],
    hostKeyAlias: one('hostkeyalias'),
    strictHostKeyChecking: strictness(one('stricthostkeychecking')),
    hashKnownHosts: one('hashknownhosts') === 'yes',
    binds: [...given('bindaddress'), ...given('bindinterface')],
    connectTimeout: numberOf(one('connecttimeout')),
    aliveSeconds:
      interval > 0 ? interval * Math.max(1, Number(one('serveralivecountmax') ?? 3)) : undefined,
    algorithms: algorithmsOf(stated),
    logins: loginsOf(listOf(stated, 'preferredauthentications'), one),
  }
}

/** ssh before 8.4 prints the path of an agent as it is written. */
function agentOf(word: string | undefined, expand: (value: string) => string): string | undefined {
  return word?.startsWith('~') || word?.includes('%') ? expand(word) : word
}

/** The socket of a shared connection, with its tokens expanded for the host that ssh was asked about. */
export function controlPathOf(printed: PrintedSettings): string | undefined {
  return printed.get('controlpath')?.find(isSome)
}

/** The settings that are not as without any configuration. Hosts of one group have them from one print. */
const statedSettings = onceFor((builtIn: PrintedSettings) =>
  onceFor(
    (printed: PrintedSettings): PrintedSettings =>
      new Map(
        [...printed].filter(
          ([keyword, values]) => values.join('\n') !== builtIn.get(keyword)?.join('\n'),
        ),
      ),
  ),
)

const algorithmsOf = onceFor(
  (stated: PrintedSettings): SshAlgorithms => ({
    ciphers: listOf(stated, 'ciphers'),
    keyExchanges: listOf(stated, 'kexalgorithms'),
    hostKeys: listOf(stated, 'hostkeyalgorithms'),
    macs: listOf(stated, 'macs'),
  }),
)

function listOf(stated: PrintedSettings, keyword: string): readonly string[] | undefined {
  return stated.get(keyword)?.[0]?.split(',')
}

// `none` stands for an empty list of files.
function isSome(value: string): boolean {
  return value !== '' && value !== 'none'
}

function familyOf(word: string | undefined): SshAnswer['addressFamily'] {
  return word === 'inet' || word === 'inet6' ? word : 'any'
}

function strictness(word: string | undefined): SshAnswer['strictHostKeyChecking'] {
  switch (word) {
    case 'true':
    case 'yes':
      return 'yes'
    case 'false':
    case 'no':
    case 'off':
      return 'no'
    case 'accept-new':
      return 'accept-new'
    default:
      return 'ask'
  }
}

function numberOf(value: string | undefined): number | undefined {
  const number = Number(value)
  return value !== undefined && Number.isInteger(number) && number > 0
    ? Math.min(number, maxSeconds)
    : undefined
}

/** The methods by which fw-run logs in, each with the keyword of ssh that may forbid it. */
const methods: readonly (readonly [string, string])[] = [
  ['publickey', 'pubkeyauthentication'],
  ['password', 'passwordauthentication'],
  ['keyboard-interactive', 'kbdinteractiveauthentication'],
]

function loginsOf(
  preferred: readonly string[] | undefined,
  one: (keyword: string) => string | undefined,
): readonly string[] | undefined {
  const allowed = methods.filter(
    ([method, keyword]) =>
      !/^(no|false)$/.test(one(keyword) ?? '') && (preferred?.includes(method) ?? true),
  )
  return allowed.length === methods.length ? undefined : allowed.map(([method]) => method)
}
