import { typed } from './shell-quotes.ts'

/** How a person leaves out a host, also where there is a `--limit` already: a second one is refused. */
export function limitWithout(host: string): string {
  return `\`--limit ${typed(`!${host}`)}\`, or add \`:!${host}\` to your --limit`
}
