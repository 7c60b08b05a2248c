import { shellWords } from '../text/shell-words.ts'
import { shown } from '../text/shown.ts'
import type { Hop } from './hops.ts'

/** Options of ssh, such as `ansible_ssh_common_args` has them, as far as fw-run uses them. */
export interface SshArguments {
  /** Words that `ssh -G` understands. */
  readonly words: readonly string[]
  readonly configFile: string | undefined
  /** The bastion of a ProxyCommand that is an `ssh -W`; the words then switch ProxyJump off. Any other one is among the words. */
  readonly proxy: Hop | undefined
  /** Whether they say which way the connection goes, by a bastion or without. */
  readonly hasProxy: boolean
}

/** The options, or what is wrong with one of them. */
export type ParsedArguments = SshArguments | { readonly fault: string }

/** No options. */
export const noArguments: SshArguments = {
  ...{ words: [], configFile: undefined, proxy: undefined, hasProxy: false },
}

/** Several options as one after the other on the command line, where the first mention wins; undefined for none. */
export function joinArguments(
  ...all: readonly (SshArguments | undefined)[]
): SshArguments | undefined {
  const given = all.filter((one): one is SshArguments => one !== undefined)
  if (given.length === 0) return undefined
  return given.reduce((first, next) => ({
    words: [...first.words, ...next.words],
    configFile: first.configFile ?? next.configFile,
    proxy: first.hasProxy ? first.proxy : next.proxy,
    hasProxy: first.hasProxy || next.hasProxy,
  }))
}

/** Options that fw-run uses; ssh itself reads their values. */
const used: ReadonlySet<string> = new Set([
  'addressfamily',
  'bindaddress',
  'bindinterface',
  'casignaturealgorithms',
  'certificatefile',
  'challengeresponseauthentication',
  'ciphers',
  'connecttimeout',
  'globalknownhostsfile',
  'hashknownhosts',
  'hostbasedauthentication',
  'hostkeyalgorithms',
  'hostkeyalias',
  'hostname',
  'identitiesonly',
  'identityagent',
  'identityfile',
  'kbdinteractiveauthentication',
  'kexalgorithms',
  'knownhostscommand',
  'macs',
  'passwordauthentication',
  'pkcs11provider',
  'port',
  'preferredauthentications',
  'proxyjump',
  'pubkeyacceptedalgorithms',
  'pubkeyacceptedkeytypes',
  'pubkeyauthentication',
  'revokedhostkeys',
  'serveralivecountmax',
  'serveraliveinterval',
  'stricthostkeychecking',
  'user',
  'userknownhostsfile',
])

/** Options without an effect on what fw-run does: it shares no connection, forwards nothing, and has no terminal. */
const unneeded: ReadonlySet<string> = new Set([
  'addkeystoagent',
  'batchmode',
  'checkhostip',
  'clearallforwardings',
  'compression',
  'connectionattempts',
  'controlmaster',
  'controlpath',
  'controlpersist',
  'escapechar',
  'exitonforwardfailure',
  'fingerprinthash',
  'forwardagent',
  'forwardx11',
  'forwardx11timeout',
  'forwardx11trusted',
  'gssapiauthentication',
  'gssapidelegatecredentials',
  'gssapikeyexchange',
  'ipqos',
  'kbdinteractivedevices',
  'loglevel',
  'nohostauthenticationforlocalhost',
  'numberofpasswordprompts',
  'permitlocalcommand',
  'protocol',
  'rekeylimit',
  'requesttty',
  'sendenv',
  'setenv',
  'tcpkeepalive',
  'updatehostkeys',
  'visualhostkey',
])

/** The same for a bastion, whose connection the user may have open. */
const usedForBastions: ReadonlySet<string> = new Set([...used, 'controlpath'])

const unneededFlags = 'aACkKnNqtTvxXY'

/** Flags with a value that ssh itself reads. */
const usedFlags = 'bcilmop'

/** Flags with a value that have no effect here: the escape character, the log file, the shared connection. */
const unneededWithValue = 'eES'

/** Reads options of ssh. What fw-run cannot do is a fault that names the word. */
export function parseSshArguments(text: string): ParsedArguments {
  const words = wordsOf(text)
  if (typeof words === 'string') return { fault: `has ${words}` }
  const read = readOptions(words)
  if ('fault' in read) return read
  const [extra] = read.rest
  return extra === undefined
    ? read.options
    : { fault: `has the word ${shown(extra)}, which is not an option of ssh` }
}

/** The words of a command line of ssh; a text instead says what is wrong. */
function wordsOf(text: string): readonly string[] | string {
  const words = shellWords(text, false)
  return typeof words === 'string' ? words : words.map((word) => word.text)
}

/** The options at the beginning of words, and the words after them. */
function readOptions(
  words: readonly string[],
  supported = used,
):
  | { readonly options: SshArguments; readonly rest: readonly string[] }
  | { readonly fault: string } {
  const kept: string[] = []
  let configFile: string | undefined
  let proxy: Hop | undefined
  let hasProxy = false
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('-') || word === '-') break
    if (areFlags(word)) {
      kept.push(...familiesIn(word))
      continue
    }
    const letter = word[1] ?? ''
    if (!`JF${usedFlags}${unneededWithValue}`.includes(letter)) return unknown(word)
    const value = word.slice(2) || words[++at]
    if (value === undefined) return { fault: `has ${shown(word)} without a value` }
    if (unneededWithValue.includes(letter)) {
      // ssh would take -S over what fw-run says.
      if (letter === 'S' && supported.has('controlpath')) kept.push('-o', `ControlPath=${value}`)
      continue
    }
    switch (letter) {
      case 'F':
        configFile ??= value
        break
      case 'J':
        // ssh refuses -J itself beside the ProxyCommand that fw-run gives; there ProxyJump has no effect.
        if (!hasProxy) kept.push('-o', `ProxyJump=${value}`)
        hasProxy = true
        break
      case 'o': {
        const option = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(value)
        const [, name = '', setting = ''] = option ?? []
        const keyword = name.toLowerCase()
        if (keyword === 'proxycommand') {
          if (hasProxy) break
          hasProxy = true
          if (setting.toLowerCase() === 'none') {
            kept.push('-o', 'ProxyJump=none')
            break
          }
          const hop = hopOfCommand(setting)
          if (!hop) {
            kept.push('-o', `ProxyCommand=${setting}`)
            break
          }
          proxy = hop
          // Else a ProxyJump of the configuration would come on top.
          kept.push('-o', 'ProxyJump=none')
          break
        }
        if (unneeded.has(keyword) && !supported.has(keyword)) break
        if (!option || !supported.has(keyword)) return unknown(name === '' ? word : `-o ${name}`)
        if (keyword === 'proxyjump') {
          if (hasProxy) break
          hasProxy = true
        }
        kept.push('-o', `${name}=${setting}`)
        break
      }
      default:
        kept.push(`-${letter}`, value)
    }
  }
  return { options: { words: kept, configFile, proxy, hasProxy }, rest: words.slice(at) }
}

function areFlags(word: string): boolean {
  return [...word.slice(1)].every((letter) => `${unneededFlags}46`.includes(letter))
}

/** IPv4 or IPv6, as `-4` and `-6` say it. */
function familiesIn(word: string): readonly string[] {
  return [...word]
    .filter((letter) => letter === '4' || letter === '6')
    .map((family) => `-${family}`)
}

function unknown(word: string): { readonly fault: string } {
  return { fault: `has ${shown(word)}, which fw-run does not support` }
}

/** The bastion of a ProxyCommand that is an `ssh -W %h:%p`; undefined for any other command. */
export function hopOfCommand(command: string): Hop | undefined {
  // `exec` and a silenced stderr are all that a shell may add.
  const bare = command.replace(/^\s*exec\s+/, '').replace(/\s+2>\s*\/dev\/null\s*$/, '')
  if (/[$`;|&<>(){}*?!#\n]/.test(bare)) return undefined
  const words = wordsOf(bare)
  if (typeof words === 'string' || !/^(\/[\w./-]+\/)?ssh$/.test(words[0] ?? '')) return undefined
  const options: string[] = []
  let forwards = false
  let destination: string | undefined
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? ''
    const [, flags, rest] = /^-([aACkKnNqtTvxX46]*)W(.*)$/.exec(word) ?? []
    if (flags !== undefined) {
      const target = rest || words[++at]
      if (flags) options.push(`-${flags}`)
      if (target !== '%h:%p' && target !== '[%h]:%p') return undefined
      forwards = true
    } else if (word.startsWith('-')) {
      options.push(word)
      if (/^-[bceEFiJlmopS]$/.test(word)) options.push(words[++at] ?? '')
    } else if (destination === undefined) destination = word
    else return undefined
  }
  // Only ssh itself knows what a token stands for.
  if ([...options, destination ?? ''].some((word) => word.includes('%'))) return undefined
  const [, user, host] = /^(?:(.+)@)?([^@:/]+|[\da-f:]+)$/i.exec(destination ?? '') ?? []
  if (!forwards || host === undefined) return undefined
  const read = readOptions(options, usedForBastions)
  if ('fault' in read || read.rest.length > 0) return undefined
  const { words: after, configFile, proxy, hasProxy } = read.options
  // What only ssh can run is left to it as a whole.
  if (hasProxy && after.some((word) => word.startsWith('ProxyCommand='))) return undefined
  // What stands before the host wins over what stands before it in another option: `-l` over `user@`.
  const question = { host, before: user === undefined ? after : [...after, '-l', user], configFile }
  return { question, before: undefined, proxy }
}
