import * as z from 'zod'
import { isPrintable } from '../text/printable.ts'
import { shown } from '../text/shown.ts'
import { isHostAddress, isPort } from './addresses.ts'

/** Something that must work before and after a change, tried from the jump host. */
export type Probe =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'command'; readonly command: string }

/** A probe and where it is defined: `file:line:column`. */
export interface LocatedProbe {
  readonly probe: Probe
  readonly location: string
}

/** A list of probes, each a mapping with one key: tcp, http or command. */
export const probes = z.array(
  z.unknown().transform((value, context): Probe => {
    const probe = parse(value)
    if (typeof probe !== 'string') return probe
    context.addIssue({ code: 'custom', message: probe })
    return z.NEVER
  }),
  { error: 'must be a list, such as: [{ tcp: "192.0.2.10:6443" }]' },
)

const SHAPE = 'a probe is one of  tcp: HOST:PORT  http: URL  command: TEXT'

/** The probe, or what is wrong with it. */
function parse(value: unknown): Probe | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const glued = typeof value === 'string' && /^(tcp|http|command):\S/.exec(value)
    const hint = glued ? ` (a space is missing after ${glued[1]}:)` : ''
    return `${shown(value)}: ${SHAPE}${hint}`
  }
  const [[kind, text] = ['', ''], ...more] = Object.entries(value)
  if (more.length > 0 || typeof text !== 'string') return `${shown(value)}: ${SHAPE}`
  switch (kind) {
    case 'tcp':
      return parseTcp(text)
    case 'http':
      return parseHttp(text)
    case 'command':
      return isOneLine(text)
        ? { kind, command: text }
        : `${shown(text)} is not a command on one line`
    default:
      return `${shown(kind)}: ${SHAPE}`
  }
}

function parseTcp(text: string): Probe | string {
  const [, given = '', port = ''] = /^(.*):(.*)$/.exec(text) ?? []
  const host = given.replace(/^\[(.*)\]$/, '$1')
  if (!isHostAddress(host) || !isPort(port)) return `${shown(text)} is not HOST:PORT`
  return { kind: 'tcp', host, port: Number(port) }
}

function parseHttp(text: string): Probe | string {
  const url = URL.canParse(text) && isOneLine(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return `${shown(text)} is not an http or https URL`
  // Probes are printed and written into the journal.
  if (url.username !== '' || url.password !== '')
    return 'a probe URL must not have a user or a password'
  return { kind: 'http', url: text }
}

function isOneLine(text: string): boolean {
  return text.trim() !== '' && isPrintable(text)
}
