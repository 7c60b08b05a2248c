import type { Readable, Writable } from 'node:stream'
import type { Wire } from './connect/wire.ts'
import type { SessionFault } from './session-fault.ts'

/** How a program on a host ended. `lost` means that the connection went away: what the program did last is unknown. */
export type ProgramEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'lost'; readonly reason: string }

/** A program that runs on a host. Its streams carry bytes. */
export interface RemoteProgram {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Comes after all output is read, unless the connection is lost. */
  readonly ended: Promise<ProgramEnd>
}

/** A connection that is logged in: what ssh2, the ssh binary and a local shell give to all others. */
export interface Connection {
  /**
   * Starts a program by a line for the login shell; on a terminal, its stderr is part of its stdout. Rejects if the host
   * refuses it, or if the connection has just gone.
   */
  run(command: string, onTerminal: boolean): Promise<RemoteProgram>
  /** Resolves once the connection is gone, with the reason in a few words. */
  readonly lost: Promise<string>
  /** Says that so many bytes of the host were wanted. Of others a host may send only a limited number. */
  wanted(bytes: number): void
  /** Ends it; safe at any time, also twice. */
  close(): void
  readonly onward: Onward
}

/** What became of one try to connect. `again`: another one may succeed. */
export type Connected =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'failed'; readonly fault: SessionFault; readonly again: boolean }

/** How hosts behind a bastion are dialled through its connection. */
export type Onward =
  | { readonly kind: 'ssh2'; dial(address: string, port: number, lostWords: string): Wire }
  | {
      readonly kind: 'openssh'
      /** A command of ssh that reaches an address from there. */
      proxyCommand(address: string, port: number): string
      /** Why the bastion did not reach an address, in its words; empty if it said nothing of it. */
      refusal(address: string, port: number): string
    }
  /** Nothing is reached from there. */
  | { readonly kind: 'none' }
