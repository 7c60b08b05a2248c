import { parse } from 'yaml'
import type { LabHost } from '../lab/host.ts'
import type { Lab } from '../lab/lab.ts'
import type { HostSpec } from '../lab/spec.ts'

/** Settings of one host in the inventory. */
export type Vars = Readonly<Record<string, unknown>>

/** A printed finding. `inRemedy` and `inReason` give what a pattern captures, and throw where the pattern does not fit. */
export interface Told {
  /** The address of the host. */
  readonly address: string
  readonly inRemedy: (pattern: RegExp) => string
  readonly inReason: (pattern: RegExp) => string
}

/** What is done about a finding: a command or a run of fw-run, whose output `shows` something; or settings of the host. */
export type Cure =
  | { readonly on: 'host' | 'jump'; readonly run: (told: Told) => string; readonly shows?: RegExp }
  | { readonly fwRun: (told: Told) => string; readonly shows: RegExp }
  | { readonly set: (told: Told) => Vars }

/** A host in trouble: how it comes into its state, and how the remedy of each of its checks is carried out, in this order. */
export interface AilingHost {
  readonly name: string
  readonly spec?: HostSpec
  readonly vars?: Vars
  /** Runs as root on the host. */
  readonly shell?: string
  readonly happen?: (lab: Lab, host: LabHost) => Promise<unknown>
  /** A second address of the host, by which the first inventory names it again. */
  readonly twin?: string
  /** By the id of the check; `notes` are the notes on the host. */
  readonly cures: Readonly<Record<string, readonly Cure[]>>
  /** The checks whose warnings stay, because nothing can or should be done. */
  readonly stays?: readonly string[]
  /** What the cures must have brought or left, besides a guard. */
  readonly holds?: (lab: Lab, host: LabHost) => Promise<boolean>
}

/** The command of a remedy is what stands between backticks, unless a pattern says better. */
export const command = /`([^`]+)`/

export function onHost(pattern: RegExp = command, shows?: RegExp): Cure {
  return { on: 'host', run: ({ inRemedy }) => inRemedy(pattern), ...(shows && { shows }) }
}

export function onJump(pattern: RegExp): Cure {
  return { on: 'jump', run: ({ inRemedy }) => inRemedy(pattern) }
}

export function addToSudoers(pattern: RegExp): Cure {
  return {
    on: 'host',
    run: ({ inRemedy }) => `printf '%s\\n' '${inRemedy(pattern)}' >>/etc/sudoers && visudo -c`,
  }
}

export function setTo(name: string, pattern: RegExp): Cure {
  return { set: ({ inRemedy }) => ({ [name]: parse(inRemedy(pattern)) }) }
}

export const publish = (value: 'allow' | 'block'): Cure =>
  setTo('fw_published', new RegExp(`fw_published: (${value})\\b`))

/** Adds an address that the reason names to the setting that the remedy names. */
export function addExtraMember(setting: RegExp, address: RegExp): Cure {
  return { set: ({ inRemedy, inReason }) => ({ [inRemedy(setting)]: [inReason(address)] }) }
}
