import type { AnyAuthMethod, AuthenticationType, Prompt } from 'ssh2'
import { printable } from '../../text/printable.ts'
import type { HostAccess } from '../host-access.ts'
import { agentSigningFew, keySigningFew } from './few-signatures.ts'
import type { Identity } from './identities.ts'

/** What was tried to log in, and what the host said to it. */
export interface LoginRecord {
  /** The label of each key offered, then `the password`. */
  readonly tried: string[]
  /** The methods that the host would accept, as it said last; undefined before its first answer. */
  methods: readonly string[] | undefined
  /** A question of the host that no password answers, such as for a one-time code or a new password; fit to print. */
  question: string | undefined
}

/** Chooses the next attempt; ssh2 calls it after each refusal. `false` gives up. */
export type NextAttempt = (
  methods: AuthenticationType[] | null,
  partial: boolean | null,
) => AnyAuthMethod | false

/**
 * Logs in with the keys in their order, then the password, once. The `none` attempt, a round trip that only asks for
 * the methods, comes last, and only if the host has not named them yet. It also comes after a key of an agent that the host knows:
 * the host may then want a password, and each further key would count as a failure.
 */
export function loginAttempts(access: HostAccess): {
  next: NextAttempt
  record: LoginRecord
} {
  const { user: username, password, identities, logins } = access
  const record: LoginRecord = { tried: [], methods: undefined, question: undefined }
  const keys = [...identities.offers]
  let passwordUses = 0
  let last: AnyAuthMethod['type'] | undefined
  let agentSigned = false

  const offered = (method: string) =>
    (record.methods?.includes(method) ?? true) && (logins?.includes(method) ?? true)

  function choose(partial: boolean): AnyAuthMethod | false {
    const key = offered('publickey') ? keys.shift() : undefined
    if (key) {
      record.tried.push(key.label)
      return keyAttempt(username, key, () => {
        agentSigned = true
      })
    }
    if (password && passwordUses === 0 && offered('password')) {
      passwordUses += 1
      record.tried.push('the password')
      return { type: 'password', username, password: password.reveal() }
    }
    // The same wrong password sent by both methods would count twice towards a lockout.
    const unused = passwordUses === 0 || (last === 'password' && !offered('password') && !partial)
    if (password && unused && offered('keyboard-interactive')) {
      if (passwordUses === 0) record.tried.push('the password')
      passwordUses += 1
      return keyboardAttempt(username, password.reveal(), record)
    }
    return record.methods || last === 'none' ? false : { type: 'none', username }
  }

  return {
    record,
    next(methods, partial) {
      // After an agent's key ssh2 passes on an older list, which may lack the method for the second factor.
      record.methods = last === 'agent' || !methods ? undefined : methods
      const asks = last === 'agent' && agentSigned
      agentSigned = false
      const attempt = asks ? ({ type: 'none', username } as const) : choose(partial ?? false)
      last = attempt === false ? undefined : attempt.type
      return attempt
    },
  }
}

function keyAttempt(username: string, identity: Identity, onSign: () => void): AnyAuthMethod {
  return identity.kind === 'key'
    ? { type: 'publickey', username, key: keySigningFew(identity.key) }
    : { type: 'agent', username, agent: agentSigningFew(identity.agent, onSign) }
}

function keyboardAttempt(username: string, password: string, record: LoginRecord): AnyAuthMethod {
  let answered = false
  return {
    type: 'keyboard-interactive',
    username,
    prompt(_name, _instructions, _language, prompts: Prompt[], answer) {
      const [only] = prompts
      if (only && prompts.length === 1 && !only.echo && !answered) {
        answered = true
        answer([password])
      } else {
        record.question ??= printable(prompts.map((prompt) => prompt.prompt).join(' '))
        answer(prompts.map(() => ''))
      }
    },
  }
}
