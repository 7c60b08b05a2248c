import type { HostSpec } from '../spec.ts'
import type { WriterStep } from './writer.ts'

/** How hosts stand when a trial begins; `partly`: every other host has the change already. */
export const starts = ['fresh', 'drifted', 'partly', 'guarded'] as const
export type Start = (typeof starts)[number]

export type Command = 'apply' | 'remove'

/** What connects the hosts. */
export const transports = ['ssh2', 'openssh'] as const
export type Transport = (typeof transports)[number]

/** When a fault comes. Hosts are numbered from 0. */
export type Moment =
  /** After this part of the time that an undisturbed run takes. */
  | { readonly kind: 'time'; readonly part: number }
  /** As soon as so many hosts have the lock. */
  | { readonly kind: 'locked'; readonly hosts: number }
  /** Before a call that a host makes, after this part of all that it makes in an undisturbed run; it waits. */
  | { readonly kind: 'call'; readonly host: number; readonly part: number }
  /** As soon as the journal tells of the decision. */
  | { readonly kind: 'decided' }
  /** As soon as so many hosts have committed. */
  | { readonly kind: 'committed'; readonly hosts: number }

/** What is broken. Seconds are whole or not; `hosts` are numbers from 0. */
export type Damage =
  | { readonly kind: 'runner-killed' }
  | { readonly kind: 'runner-stopped'; readonly beyondLease: number }
  | { readonly kind: 'interrupted'; readonly twice: boolean }
  | { readonly kind: 'reset'; readonly hosts: readonly number[] }
  | {
      readonly kind: 'cut'
      readonly hosts: readonly number[]
      readonly seconds: number | 'for good'
    }
  | { readonly kind: 'sshd-killed'; readonly hosts: readonly number[] }
  /** On the jump host: the ssh that holds the connection of each host, or each that carries a session. */
  | {
      readonly kind: 'ssh-killed'
      readonly hosts: readonly number[]
      readonly which: 'master' | 'client'
    }
  | { readonly kind: 'agent-killed'; readonly hosts: readonly number[] }
  | { readonly kind: 'session-killed'; readonly hosts: readonly number[] }
  | { readonly kind: 'watchdog-killed'; readonly hosts: readonly number[] }
  | { readonly kind: 'both-killed'; readonly hosts: readonly number[] }
  | { readonly kind: 'run-full'; readonly hosts: readonly number[] }
  | { readonly kind: 'xtables-lock'; readonly hosts: readonly number[]; readonly seconds: number }
  | { readonly kind: 'second-runner'; readonly command: Command }
  /** Somebody flushes our guard: `nft flush ruleset`, or `iptables -F` of our chain and what leads to it. */
  | {
      readonly kind: 'guard-flushed'
      readonly guard: 'nft' | 'mangle'
      readonly hosts: readonly number[]
    }
  /** Hosts that have or get boot files lose all processes, /run and all rules, and start again. */
  | { readonly kind: 'rebooted'; readonly hosts: readonly number[] }

/** The hosts, of this number, that do not hear their runner after a damage though their sessions last. */
export function deafened(damage: Damage, count: number): readonly number[] {
  if (damage.kind === 'runner-stopped') return Array.from({ length: count }, (_, host) => host)
  return damage.kind === 'cut' ? damage.hosts : []
}

/** The hosts that a damage may leave without their guard. */
export function bared(damage: Damage): readonly number[] {
  return damage.kind === 'guard-flushed' ? damage.hosts : []
}

/** A damage and its moment. */
export interface Fault {
  readonly damage: Damage
  readonly moment: Moment
}

/** A tool of a host that goes wrong at one of its calls, and for how many in a row. */
export interface BrokenTool {
  readonly host: number
  readonly tool: 'iptables' | 'ipset' | 'nft'
  readonly from: number
  readonly times: number
  /** An exit code, or hanging for so many seconds. */
  readonly how: { readonly exit: number } | { readonly hang: number }
}

/** More calls in a row than any run makes. */
export const lasting = 1000

/** The words of a run of the product, but for where its hosts are. */
export function wordsOf({ command, lease, waves }: Trial): readonly string[] {
  return [command, '--lease', `${lease}`, ...waves]
}

/** One run of the product under faults, with every choice made. */
export interface Trial {
  readonly number: number
  readonly start: Start
  readonly command: Command
  readonly transport: Transport
  readonly lease: number
  /** The options that divide the hosts into waves; empty: all hosts at once. */
  readonly waves: readonly string[]
  /** In the order in which they are waited for. */
  readonly faults: readonly Fault[]
  readonly brokenTool: BrokenTool | undefined
  /** What others write on each host meanwhile; empty for nobody. */
  readonly writers: readonly (readonly WriterStep[])[]
  /** The command that finishes what is left, if anything is: recover, or the same command again. */
  readonly finishedBy: 'recover' | 'again'
  /** What is run after all that: `recover` though nothing is left, the same command again. */
  readonly afterwards: readonly ('recover' | 'again')[]
}

/** The hosts of a lab that many trials share. */
export type Configuration = readonly HostSpec[]
