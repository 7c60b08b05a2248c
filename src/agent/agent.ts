import type { RootShell } from '../ssh/root-shell.ts'
import {
  readApplied,
  readCleared,
  readCommitted,
  readProcess,
  readRenewed,
  readRolledBack,
} from './conversation/answers.ts'
import { type Channel, openChannel } from './conversation/channel.ts'
import { applyBody } from './conversation/steps.ts'
import type { Holder } from './holder.ts'
import type { HostNote } from './host-note.ts'
import { startingText } from './program/starting-text.ts'
import type { Sections } from './sections.ts'

/**
 * The agent at work on one host. It answers one request after the other. No request rejects: if the session is gone, its
 * answer is `lost`.
 */
export interface Agent {
  /**
   * Reads everything a host can tell. A large host leaves out most rules of single services, and for a guard before routing most
   * members of sets of others, unless `whole`.
   */
  facts(set: string, whole?: boolean): Promise<FactsAnswer | Lost>
  /** Makes a change, which is open from then on. Never the first request of a session. */
  apply(change: OpenChange): Promise<ApplyAnswer | Lost>
  /** Keeps an open change for another lease. With a `set`, the host is read as well. */
  renew(run: string, set?: string): Promise<RenewAnswer | Lost>
  /** Ends an open change: the host keeps it. */
  commit(set: string, owner: Owner): Promise<CommitAnswer | Lost>
  /**
   * Ends an open change: the host is brought back to its state before. A silent session of the same run is ended, so that it
   * carries out no request that comes late: the one that holds the host, and that of `silent`, which may not have heard `apply` yet.
   */
  rollBack(set: string, owner: Owner, silent?: AgentProcess): Promise<RollbackAnswer | Lost>
  /** Ends what dead runs left: their open change is rolled back. */
  clear(set: string, owner: Owner): Promise<ClearAnswer | Lost>
  /** The agent's process on the host, once it has told facts. */
  process(): AgentProcess | undefined
  /** How many requests were sent so far; signs of life do not count. */
  requests(): number
  /** Why the session is gone, if it is. */
  lost(): string | undefined
  /** Ends the session. With a reason, a request that waits for its answer is `lost` for it at once. */
  end(reason?: string): void
}

/**
 * The kind of guard that a host shall have. It says what the agent needs there, and what it reads: with `nft`, nothing that
 * takes iptables or ipset, unless a guard of another kind may stand there.
 */
export type GuardKind = 'forward' | 'nft' | 'mangle'

/** The same where the host may choose: `nft` if it takes our table, else `mangle`. */
export type GuardChoice = GuardKind | 'auto'

/** Starts the agent in a root shell; times are in seconds. Without `changes` it comes without what changes a host, and only reads. */
export function startAgent(
  shell: RootShell,
  requestSeconds: number,
  idleSeconds: number,
  guard: GuardChoice,
  changes = true,
): Agent {
  return agentOver(openChannel(shell, requestSeconds, idleSeconds, guard, changes))
}

/** Reads the agent's program, which lies in files of fw-run, before a host waits for it. Throws an `internal` fault if one is gone. */
export function readAgentProgram(changes: boolean): void {
  startingText([], changes)
}

/** The agent's requests as words over a channel, and its answers as values. */
export function agentOver({ request, requests, lost, end }: Channel): Agent {
  const ask = async <T>(
    read: (sections: Sections) => T,
    words: readonly string[],
    body: readonly string[] = [],
  ): Promise<T | Lost> => {
    const reply = await request(words, body)
    return reply.kind === 'lost' ? reply : read(reply.sections)
  }
  let process: AgentProcess | undefined
  const readFacts = (sections: Sections): FactsAnswer => {
    process = readProcess(sections)
    return { kind: 'facts', sections }
  }
  return {
    facts: (set, whole = false) => ask(readFacts, ['facts', set, ...(whole ? ['whole'] : [])]),
    apply: ({ set, owner, fingerprint, lease, changes, undo }) =>
      ask(
        readApplied,
        ['apply', set, owner.run, fingerprint, owner.who, `${lease}`],
        applyBody(changes, undo),
      ),
    renew: (run, set) => ask(readRenewed, ['renew', run, ...(set === undefined ? [] : [set])]),
    commit: (set, { run, who }) => ask(readCommitted, ['commit', set, run, who]),
    rollBack: (set, { run, who }, silent) =>
      ask(readRolledBack, [
        ...['rollback', set, run, who],
        ...(silent ? [silent.pid, silent.birth] : []),
      ]),
    clear: (set, { run, who }) => ask(readCleared, ['clear', set, run, who]),
    process: () => process,
    requests,
    lost,
    end,
  }
}

/** A process on a host: its number there, and when it started, in ticks since boot. */
export interface AgentProcess {
  readonly pid: string
  readonly birth: string
}

/** Who changes hosts: the id of the run, and words for others who find the host locked. No tabs, no newlines. */
export interface Owner {
  readonly run: string
  readonly who: string
}

/** A change to be made, with its undo. */
export interface OpenChange {
  readonly set: string
  readonly owner: Owner
  /** What the host was planned on: if it differs there, nothing is changed. */
  readonly fingerprint: string
  /** Seconds that the host keeps the change without a sign of life. */
  readonly lease: number
  readonly changes: readonly Step[]
  readonly undo: readonly Step[]
}

/**
 * How a set, our rules, our table, our chain of one family or our boot files shall be. A `rules` step names ours on both sides,
 * so that none of them stays behind; so does a `chain` step for the rules that lead to it. A table is the text between its
 * braces. Boot files are changed at commit; until then, their undo only forgets them.
 */
export type Step =
  | {
      readonly kind: 'set'
      readonly name: string
      readonly before?: StepSet | undefined
      readonly after: StepSet | undefined
    }
  | {
      readonly kind: 'rules'
      readonly before: readonly StepRule[]
      readonly after: readonly StepRule[]
    }
  | { readonly kind: 'table'; readonly after: string | undefined }
  | {
      readonly kind: 'chain'
      readonly family: 4 | 6
      readonly before: StepChain | undefined
      readonly after: StepChain | undefined
    }
  | { readonly kind: 'boot'; readonly after: StepBoot | undefined }

/** A set: what follows its name in `ipset create`, and its members. */
export interface StepSet {
  readonly type: string
  readonly members: readonly string[]
}

/** Our chain, and the rules of PREROUTING that lead to it. */
export interface StepChain {
  readonly rules: readonly StepRule['rule'][]
  readonly jumps: readonly StepRule[]
}

/** The texts of our boot files, without empty lines and tabs. */
export interface StepBoot {
  readonly program: string | undefined
  readonly service: string | undefined
}

/** A rule of ours: its position in its chain, its line as `iptables -S` prints it, and the words that make it. */
export interface StepRule {
  readonly position: number
  readonly rule: { readonly raw: string; readonly words: readonly string[] }
}

/** The session is gone. If the request was `sent`, nobody knows whether the host carried it out. */
export interface Lost {
  readonly kind: 'lost'
  readonly sent: boolean
  readonly reason: string
  /** The agent ended the session, because it had heard nothing from here. */
  readonly unheard: boolean
}

export interface FactsAnswer {
  readonly kind: 'facts'
  readonly sections: Sections
}

/** `untouched`: nothing was changed. `failed`: something may have been changed. `state` is the host read afterwards. */
export type ApplyAnswer =
  | { readonly kind: 'applied'; readonly state: Sections }
  | { readonly kind: 'stale' }
  | { readonly kind: 'locked'; readonly holder: Holder }
  | { readonly kind: 'untouched'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly state: Sections }

/** `unwatched`: its watchdog is gone and no new one starts. `gone`: the host knows nothing of the change. */
export type RenewAnswer =
  | { readonly kind: 'renewed'; readonly state: Sections }
  | { readonly kind: 'unwatched'; readonly reason: string }
  | Decided

/**
 * `left`: what could not be cleared away, usually nothing. `unguarded`: another program deleted the guard meanwhile, and it does not come
 * back. `failed`: the change is not committed yet.
 */
export type CommitAnswer =
  | { readonly kind: 'committed'; readonly left: string; readonly unguarded?: true }
  | { readonly kind: 'failed'; readonly reason: string }
  | Decided

/** The change cannot be committed any more: the host rolls it back, or knows nothing of it. */
export interface Decided {
  readonly kind: 'rolling-back' | 'gone'
}

/**
 * `already`: nothing of the run was left on the host. `note`: what the host had done before it was asked. `busy`: its watchdog is
 * still at work.
 */
export type RollbackAnswer =
  | {
      readonly kind: 'rolled-back'
      readonly already: boolean
      readonly note: HostNote | undefined
      readonly state: Sections
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly busy: boolean }

/** `stuck`: why the host could not roll back the change of that holder so far. */
export type ClearAnswer =
  | { readonly kind: 'cleared' }
  | { readonly kind: 'locked'; readonly holder: Holder; readonly stuck: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
