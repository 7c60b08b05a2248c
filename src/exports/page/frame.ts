import { html, type Markup } from './markup.ts'
import { style } from './style.ts'

/** What stands at the top of a page: what was run, how it came out, and who, when and where. */
export interface Top {
  readonly title: string
  readonly words: string
  readonly exitCode: number | undefined
  readonly facts: readonly (readonly [name: string, value: string | undefined])[]
}

/** A whole page. It needs nothing but itself, and the browser is told to load nothing else, nor to run anything. */
export function page({ title, words, exitCode, facts }: Top, parts: readonly Markup[]): string {
  const known = facts.filter(([, value]) => value !== undefined && value !== '')
  const code = exitCode === undefined ? undefined : html`<small>exit code ${exitCode}</small>`
  const body = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>
<p class="verdict ${kindOf(exitCode)}">${words}${code}</p>
<dl>${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${parts}</main></body></html>
`
  return body.text
}

function kindOf(exitCode: number | undefined): string {
  if (exitCode === 0) return 'ok'
  return exitCode === 3 || exitCode === undefined ? 'warn' : 'bad'
}

/** A time to the second, in UTC. */
export function utcSeconds(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}

/** From when to when, and how long that was. */
export function span(started: string, ended: string | undefined): string {
  if (ended === undefined) return `${utcSeconds(started)}; its end is not known`
  const seconds = (Date.parse(ended) - Date.parse(started)) / 1000
  return `${utcSeconds(started)}, took ${seconds.toFixed(1)} s`
}
