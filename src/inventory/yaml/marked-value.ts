import type { PlainValue } from './plain-value.ts'

/** A text that templates treat otherwise than others. */
export class Marked {
  readonly text: string
  /** `bare`: a number or a boolean for Ansible, as no quotes are around it. `unsafe`: its braces are no templates. */
  readonly kind: 'bare' | 'unsafe'

  constructor(text: string, kind: Marked['kind']) {
    this.text = text
    this.kind = kind
  }
}

/** A value as the text gives it, with what templates need to know of its scalars. */
export type MarkedValue =
  | string
  | null
  | Marked
  | readonly MarkedValue[]
  | { readonly [key: string]: MarkedValue }

/** The value alone. */
export function plain(value: MarkedValue): PlainValue {
  if (value === null || typeof value === 'string') return value
  if (value instanceof Marked) return value.text
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
}

/** A scalar of YAML without quotes and tags, as Ansible reads it: by YAML 1.1. */
export function bareScalar(text: string): string | Marked {
  return BOOLEAN.test(text) || INTEGER.test(text) || FLOAT.test(text)
    ? new Marked(text, 'bare')
    : text
}

/** Whether default(…, true) replaces it. */
export function isEmpty(value: MarkedValue): boolean {
  if (value === null || value === '') return true
  if (typeof value === 'string') return false
  if (!(value instanceof Marked)) return Object.keys(value).length === 0
  return value.text === '' || (value.kind === 'bare' && FALSE.test(value.text))
}

/** The text that Ansible writes for a scalar; undefined if it is not as it was written. */
export function writtenText(value: string | Marked): string | undefined {
  if (typeof value === 'string') return value
  return value.kind === 'unsafe' || AS_WRITTEN.test(value.text) ? value.text : undefined
}

// PyYAML, resolver.py.
const BOOLEAN = /^(yes|no|true|false|on|off|Yes|No|True|False|On|Off|YES|NO|TRUE|FALSE|ON|OFF)$/
const INTEGER = /^[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][\d_]*|0x[\da-fA-F_]+|[1-9][\d_]*(:[0-5]?\d)+)$/
const FLOAT =
  /^([-+]?\d[\d_]*\.[\d_]*([eE][-+]\d+)?|\.\d[\d_]*([eE][-+]\d+)?|[-+]?\d[\d_]*(:[0-5]?\d)+\.[\d_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/

const FALSE = /^(no|false|off|[-+]?(0[xb])?[0_.]+(e[-+]?\d+)?)$/i

// Python writes 10.10 as 10.1, 010 as 8, yes as True, and small or long fractions otherwise.
const AS_WRITTEN = /^(True|False|0|-?[1-9]\d*|-?([1-9]\d{0,8}|0)\.(0|\d{0,3}[1-9]))$/
