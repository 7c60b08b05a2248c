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
  const home = ownHome()
  const known: Readonly<Record<string, string>> = {
    '%': '%',
    d: home,
    h: values.hostName,
    i: String(process.getuid?.() ?? ''),
    k: values.alias ?? values.hostName,
    L: hostname().split('.')[0] ?? '',
    l: hostname(),
    n: values.name,
    p: values.port,
    r: values.user,
    u: ownName(),
  }
  return value
    .replace(/^~(?=\/|$)/, home)
    .replace(/%(.)/g, (token, letter: string) =>
      Object.hasOwn(known, letter) ? (known[letter] ?? token) : token,
    )
    .replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole)
}

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
