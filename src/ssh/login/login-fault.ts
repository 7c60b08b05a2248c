import { printable } from '../../text/printable.ts'
import { typed } from '../../text/shell-quotes.ts'
import type { HostAccess } from '../host-access.ts'
import { readLogOfSshd, type SessionFault } from '../session-fault.ts'
import type { LoginRecord } from './login-attempts.ts'

/** Why a login failed, as far as the words of ssh2 and of the host tell. */
export type LoginRefusal = 'refused' | 'too-many-attempts' | 'password-expired' | 'closed'

/** The one place that knows ssh2's and sshd's words for a failed login. */
export function recogniseLoginRefusal(message: string): LoginRefusal {
  if (/Too many authentication failures/i.test(message)) return 'too-many-attempts'
  if (/All configured authentication methods failed/.test(message)) return 'refused'
  return 'closed'
}

/** Says who was refused, which keys were tried and what the host would accept; `words` are ssh2's or the host's, fit to print. */
export function loginFault(
  refusal: LoginRefusal,
  access: HostAccess,
  record: LoginRecord,
  words: string,
): SessionFault {
  const who = `login as ${access.user}`
  switch (refusal) {
    case 'refused':
      return fault(
        `The host refused the ${who}. ${tried(access, record)}`,
        remedyFor(access, record),
      )
    case 'too-many-attempts':
      return fault(
        `The host refused the ${who} after too many keys. ${tried(access, record)}`,
        access.isBastion
          ? `To name one key for the bastion, ${intoConfig(access)} \`IdentityFile FILE\` and \`IdentitiesOnly yes\`.`
          : 'Name one key: in the inventory (ansible_ssh_private_key_file), or with --private-key if the inventory names no key for that host. Then fw-run offers only that key.',
      )
    case 'password-expired':
      return fault(
        `The password of ${access.user} has expired, and the host asks for a new one.`,
        `Log in with \`${commandFor(access)}\`${access.via ? ` through the ${access.via.name}` : ''}, and change the password. If the inventory has SSH options for the host (such as -J or -F), give them to ssh, too.`,
      )
    case 'closed':
      return fault(
        `The connection ended during the ${who} (${words}). ${tried(access, record)}`,
        readLogOfSshd,
      )
  }
}

function tried({ identities }: HostAccess, { tried, methods, question }: LoginRecord): string {
  const attempts =
    tried.length > 0 ? `Tried: ${tried.join(', ')}.` : 'There was no key and no password to try.'
  const accepts = methods ? ` It accepts: ${printable(methods.join(', '))}.` : ''
  const asks = question ? ` It asked "${question}", which fw-run cannot answer.` : ''
  const aside = identities.leftAside.map((reason) => ` Not tried: ${reason}`).join('')
  return `${attempts}${accepts}${asks}${aside}`
}

function remedyFor(access: HostAccess, record: LoginRecord): string {
  const { user, password, isBastion } = access
  const accepts = (method: string) => record.methods?.includes(method) ?? true
  const byPassword = accepts('password') || accepts('keyboard-interactive')
  const authorise = `put the public key into authorized_keys of ${user} on that host`
  if (isBastion) {
    const named = `Check the user name. Then ${authorise}, or use another key. For another key, ${intoConfig(access)} \`IdentityFile FILE\`.`
    return byPassword ? `${named} ${firstByHand(access)}` : named
  }
  if (password && byPassword) return `Check the user name and the password. Or ${authorise}.`
  const key =
    'name another key in the inventory (ansible_ssh_private_key_file), or with --private-key if the inventory names no key for that host'
  return byPassword
    ? `Check the user name. Then do one of these: ${authorise}; ${key}; or run with -k to log in by password.`
    : `Check the user name. Then ${authorise}, or ${key}.`
}

/**
 * The configuration of ssh knows the host by what it is asked for. fw-run finds the connection to a bastion only if ssh
 * opened it with the same words.
 */
function commandFor(access: HostAccess): string {
  const { name, user, port, address, destination = address, loginWords } = access
  const words = loginWords
    ? [...(configFor(access) === 'none' ? loginWords.slice(2) : loginWords), name]
    : [...(port === 22 ? [] : ['-p', String(port)]), '-l', user, destination]
  return ['ssh', ...words].map(typed).join(' ')
}

/** Options are for the hosts only: a bastion gets the keys that ssh would use for it. */
function intoConfig(access: HostAccess): string {
  const file = configFor(access)
  const usual = 'the SSH configuration (usually ~/.ssh/config)'
  const under = `under \`Host ${typed(access.name)}\`:`
  if (file === 'none')
    return `run fw-run without --no-ssh-config, and write into ${usual}, ${under}`
  return `write into ${file === undefined ? usual : typed(file)}, ${under}`
}

/** The SSH configuration in place of the usual one. */
function configFor({ loginWords: [flag, file] = [] }: HostAccess): string | undefined {
  return flag === '-F' ? file : undefined
}

function firstByHand(access: HostAccess): string {
  return `fw-run gives a bastion no password. If it wants one, or a second factor, ${intoConfig(access)} \`ControlMaster auto\`, \`ControlPath ~/.ssh/%C\` and \`ControlPersist 8h\`. Then log in with \`${commandFor(access)}\`, and run fw-run again, without --transport ssh2.`
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'login', reason, remedy }
}
