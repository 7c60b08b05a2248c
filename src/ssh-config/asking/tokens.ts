import { hostname, userInfo } from 'node:os'
import { ownHome } from '../../jump-host/own-home.ts'

/** What tokens stand for. */
export interface TokenValues {
  /** As the host was asked for, `%n`. */
  readonly name: string
  /** As it is dialled, `%h`. */
  readonly hostName: string
  readonly port: string
  readonly user: string
  readonly alias: string | undefined
}

/** Expands the tokens of ssh_config(5), `~` and `${NAME}` in a value; a token that is not known stays as it is. */
export function expandTokens(value: string, values: TokenValues): string {
  return value
    .replace(/^~(?=\/|$)/, ownHome)
    .replace(/%(.)/g, (token, letter: string) =>
      Object.hasOwn(tokens, letter) ? (tokens[letter]?.(values) ?? token) : token,
    )
    .replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole)
}

/** Asked only for the tokens that come: who the user is may be a question to a directory service. */
const tokens: Readonly<Record<string, (values: TokenValues) => string>> = {
  '%': () => '%',
  d: ownHome,
  h: ({ hostName }) => hostName,
  i: () => String(process.getuid?.() ?? ''),
  k: ({ alias, name }) => alias ?? name,
  L: () => hostname().split('.')[0] ?? '',
  l: hostname,
  n: ({ name }) => name,
  p: ({ port }) => port,
  r: ({ user }) => user,
  u: ownName,
}

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
