import type { Secret } from '../../secret.ts'
import type { HostAccess, OpensshWay } from '../host-access.ts'

/**
 * What may be answered to the questions of one ssh: undefined if there is no secret for it. A ProxyCommand that asks for a
 * password of its own, of another host, must not get that of this host. Nor must a host get the passphrase of a key: `mayBeHosts` says
 * whether a question may be the host's own.
 */
export function answersFor(
  { user, address, password, hostKeys }: HostAccess,
  { passphrases, destination, proxyCommand }: OpensshWay,
  mayBeHosts: () => boolean,
): ((question: string) => Secret | undefined) | undefined {
  if (!password && passphrases.size === 0) return undefined
  const names = [hostKeys.alias, address, destination].filter((name) => name !== undefined)
  const asksFor = (form: (host: string) => string, question: string) =>
    names.some((name) => question.toLowerCase().startsWith(form(name).toLowerCase()))
  const login = user.slice(0, 30)
  let isGiven = false
  // sshd asks in two ways. A wrong password that goes to both counts twice where accounts are locked after a few.
  const once = () => {
    const answer = isGiven ? undefined : password
    isGiven = true
    return answer
  }

  return (question) => {
    const [, path] = /^Enter passphrase for (?:key )?'(.*)': ?$/s.exec(question) ?? []
    if (path !== undefined) return mayBeHosts() ? undefined : passphraseOf(path, passphrases)
    if (asksFor((host) => `${login}@${host.slice(0, 128)}'s password: `, question)) return once()
    if (asksFor((host) => `(${user}@${host}) `, question)) return once()
    // Before OpenSSH 8.5 the question is the host's own, as it is.
    return proxyCommand === undefined && /^password: ?$/i.test(question) ? once() : undefined
  }
}

/** ssh names a key by the first 100 bytes of its path. */
function passphraseOf(shown: string, passphrases: ReadonlyMap<string, Secret>): Secret | undefined {
  const found = [...passphrases].filter(
    ([path]) => Buffer.from(path).subarray(0, 100).toString() === shown,
  )
  return found.length === 1 ? found[0]?.[1] : undefined
}
