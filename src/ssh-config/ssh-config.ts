import pLimit from 'p-limit'
import { FwRunError } from '../errors.ts'
import { maxSshAsked, sshAnswersSeconds } from '../limits.ts'
import { startTimeLimit, type TimeLimit } from '../waiting/time-limit.ts'
import { askSsh } from './asking/ask-ssh.ts'
import { type Ask, type ConfigFile, openConfigFile } from './asking/config-file.ts'
import { answerOf, controlPathOf, type PrintedSettings } from './asking/printed-settings.ts'
import { expandTokens } from './asking/tokens.ts'
import type { SshAnswer } from './ssh-answer.ts'

/** One host as ssh would be told to reach it. */
export interface Question {
  readonly host: string
  readonly user?: string | undefined
  readonly port?: number | undefined
  /** Words of ssh's command line that win over user and port, and those that do not. */
  readonly before?: readonly string[]
  readonly after?: readonly string[]
  /** A configuration in place of the usual one, for this host only. */
  readonly configFile?: string | undefined
}

/** The SSH configuration of this user on this machine, as ssh itself understands it. */
export interface SshConfig {
  /** What ssh would use for each, in their order; undefined where there is no configuration that could say something. */
  answers(questions: readonly Question[]): Promise<readonly (SshAnswer | undefined)[]>
  /** Where the socket of a connection to it would be that several ssh share (ControlPath); undefined if they share none. */
  controlPath(question: Question): Promise<string | undefined>
  /** The words of its command line for a host, without the host. */
  words(question: Question): readonly string[]
}

/** The configuration to read: the usual files, another file (`-F`), or none. */
export type ConfigSource = 'usual' | 'none' | { readonly file: string }

/**
 * Opens the configuration. ssh is asked once for all hosts to which it would give the same answer, and nothing is read
 * before the first question. `warn` hears once what a person should know about the answers.
 */
export function openSshConfig(
  source: ConfigSource,
  signal?: AbortSignal,
  warn?: (message: string) => void,
): SshConfig {
  const files = new Map<string | undefined, ConfigFile>()
  const inTurns = pLimit(maxSshAsked)
  const usual = source === 'usual' ? undefined : source === 'none' ? 'none' : source.file
  let builtIn: ReturnType<Ask> | undefined
  let warned = false
  let limit: TimeLimit | undefined
  let waiting = 0

  const nameOf = ({ configFile }: Question) => configFile ?? usual
  const words: SshConfig['words'] = (question) => {
    const { user, port, before = [], after = [] } = question
    const name = nameOf(question)
    return [
      ...[...(name === undefined ? [] : ['-F', name]), ...before],
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
      ...after,
    ]
  }
  /** One time limit for all that is asked at the same time. */
  const ask: Ask = async (host, words) => {
    const common = limit ?? startTimeLimit(sshAnswersSeconds, signal)
    limit = common
    waiting++
    try {
      return await inTurns(() => askSsh(host, words, common))
    } finally {
      waiting--
      if (waiting === 0) {
        common.dispose()
        limit = undefined
      }
    }
  }
  async function answer(question: Question): Promise<SshAnswer | undefined> {
    const { host, before = [], after = [] } = question
    const name = nameOf(question)
    const file = files.get(name) ?? openConfigFile(name)
    files.set(name, file)
    const isTold = before.length + after.length > 0
    if ((!file.isThere && !isTold) || !isAskable(host)) return undefined
    builtIn ??= ask('localhost', ['-F', 'none'])
    const defaults = await builtIn
    const printed =
      defaults === 'no-ssh' ? defaults : await file.printed(host, words(question), ask)
    if (printed !== 'no-ssh' && defaults !== 'no-ssh')
      return finish(host, printed.settings, printed.hostName, defaults)
    if (isTold || name !== undefined) throw sshIsMissing(isTold ? undefined : name)
    if (!warned) warn?.(unread(file.files))
    warned = true
    return undefined
  }
  return {
    answers: (questions) => Promise.all(questions.map(answer)),
    async controlPath(question) {
      const printed = await ask(question.host, words(question))
      return printed === 'no-ssh' ? undefined : controlPathOf(printed)
    },
    words,
  }
}

function finish(
  name: string,
  printed: PrintedSettings,
  hostName: string,
  defaults: PrintedSettings,
): SshAnswer {
  const one = (keyword: string) => printed.get(keyword)?.[0]
  const values = {
    ...{ name, hostName, alias: one('hostkeyalias') },
    ...{ port: one('port') ?? '22', user: one('user') ?? '' },
  }
  return answerOf(printed, defaults, hostName, (value) => expandTokens(value, values))
}

/** What ssh takes for a host as it is: no URI, no user@host, no option. */
function isAskable(host: string): boolean {
  return /^[\w:][\w.:%-]*$/.test(host)
}

function unread(files: readonly string[]): string {
  return `The SSH configuration (${files.join(', ')}) is not read, because there is no ssh on this machine. Install openssh-client, or run with --no-ssh-config.`
}

function sshIsMissing(file: string | undefined): FwRunError {
  const what =
    file === undefined ? 'the SSH options of the inventory' : `the SSH configuration ${file}`
  return new FwRunError(
    'credentials',
    `There is no ssh on this machine, and fw-run needs it to understand ${what}.`,
    {
      remedy: 'Install openssh-client. Or delete these SSH options, and run with --no-ssh-config.',
    },
  )
}
