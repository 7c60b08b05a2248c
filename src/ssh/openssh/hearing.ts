import { printable } from '../../text/printable.ts'
import type { ConnectStep } from '../connect/connect-cause.ts'
import type { LoginRecord } from '../login/login-attempts.ts'

/** What `ssh -v` has said so far, on its stderr. It keeps a bounded part of it, however much comes. */
export interface Hearing {
  push(chunk: Buffer): void
  readonly step: () => ConnectStep
  /** The host key that the host has shown. */
  readonly key: () => { readonly type: string; readonly fingerprint: string } | undefined
  /** Whether ssh wrote the key down, because nothing was known of the host, or could not; undefined if it did not try. */
  readonly wroteKey: () => boolean | undefined
  /**
   * Whether a question that ssh passes on may be the host's own, in its own words: ssh marks those since OpenSSH 8.5. Before,
   * the host can ask for anything once it asks at all (keyboard-interactive).
   */
  readonly mayPassOn: () => boolean
  readonly login: LoginRecord
  /** The last lines that are no remarks of `-v`, oldest first, fit to print. */
  readonly said: () => readonly string[]
  /** How the program on the host ended, if its end was told of. */
  readonly programEnd: () => 'exited' | 'signalled' | undefined
  /** Begins with another program. */
  forgetProgram(): void
  /** Why an address was not reached from there, in the words of the host; empty if nothing was said of it. */
  readonly refusal: (address: string, port: number) => string
}

const marksQuestionsSince = /^OpenSSH_(8\.[5-9]|9\.|\d\d)/

const maxLine = 4096
const maxSaid = 20
const maxTried = 50
const maxRefusals = 1000

/** Starts with nothing said. `onLine` hears each line after it counts. */
export function startHearing(onLine: (line: string) => void = () => {}): Hearing {
  let rest = ''
  let step: ConnectStep = 'dialling'
  let key: { type: string; fingerprint: string } | undefined
  let wroteKey: boolean | undefined
  let marksQuestions = false
  let isHostAsking = false
  let programEnd: 'exited' | 'signalled' | undefined
  const login: LoginRecord = { tried: [], methods: undefined, question: undefined }
  const said: string[] = []
  const failedChannels = new Map<string, string>()
  const refusals = new Map<string, string>()

  function hear(line: string): void {
    const [, remark] = /^debug\d: (.*)$/.exec(line) ?? []
    if (remark === undefined) plain(line)
    else about(remark)
    onLine(line)
  }
  function plain(line: string): void {
    if (step === 'dialling' && marksQuestionsSince.test(line)) marksQuestions = true
    if (line.trim() === '' || /^OpenSSH_\S+.*, \w+SSL /.test(line)) return
    // What a host prints before the login could claim that, too. But ssh writes a key down before it logs in.
    if (step === 'exchanging-keys') {
      if (/^Warning: Permanently added /.test(line)) wroteKey = true
      if (/^Failed to add the host to the list of known hosts/.test(line)) wroteKey = false
    }
    const [, channel, why] = /^channel (\d+): open failed: (.*)$/.exec(line) ?? []
    if (channel !== undefined && why !== undefined) failedChannels.set(channel, printable(why))
    said.push(printable(line))
    if (said.length > maxSaid) said.shift()
  }
  function about(remark: string): void {
    const [, word = ''] = /^(\S+(?: \S+){0,2})/.exec(remark) ?? []
    if (word === 'Connection established.') step = 'awaiting-banner'
    else if (word === 'Remote protocol version') step = 'exchanging-keys'
    else if (word === 'SSH2_MSG_NEWKEYS received') step = 'logging-in'
    const [, type, fingerprint] =
      /^Server host (?:key|certificate): (\S+) (SHA256:[^\s,]+)/.exec(remark) ?? []
    if (type !== undefined && fingerprint !== undefined && step === 'exchanging-keys')
      key = { type, fingerprint }
    const [, methods] = /^Authentications that can continue: (\S+)/.exec(remark) ?? []
    if (methods !== undefined) login.methods = methods.split(',')
    if (remark === 'Next authentication method: keyboard-interactive') isHostAsking = true
    const [, offered] = /^Offering public key: (.*)$/.exec(remark) ?? []
    if (offered !== undefined && login.tried.length < maxTried) login.tried.push(printable(offered))
    const [, how] = /^client_input_channel_req: .* rtype exit-(status|signal) /.exec(remark) ?? []
    if (how !== undefined) programEnd = how === 'status' ? 'exited' : 'signalled'
    const [, channel = '', address, port] =
      /^channel (\d+): free: direct-tcpip: listening port \d+ for (\S+) port (\d+),/.exec(remark) ??
      []
    const why = failedChannels.get(channel)
    failedChannels.delete(channel)
    if (why === undefined || address === undefined) return
    if (refusals.size >= maxRefusals) refusals.clear()
    refusals.set(`${address} ${port}`, why)
  }
  return {
    push(chunk) {
      const lines = (rest + chunk.toString()).split(/\r?\n/)
      rest = (lines.pop() ?? '').slice(0, maxLine)
      for (const line of lines) hear(line.slice(0, maxLine))
    },
    step: () => step,
    key: () => key,
    wroteKey: () => wroteKey,
    mayPassOn: () => isHostAsking && !marksQuestions,
    login,
    said: () => said,
    programEnd: () => programEnd,
    forgetProgram() {
      programEnd = undefined
    },
    refusal: (address, port) => refusals.get(`${address} ${port}`) ?? '',
  }
}
