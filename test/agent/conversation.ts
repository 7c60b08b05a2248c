import { type Agent, startAgent } from '../../src/agent/agent.ts'
import type { Sections } from '../../src/agent/answer.ts'
import { type HostState, readState } from '../../src/facts/state.ts'
import type { ProtectIntent } from '../../src/guard/intent.ts'
import type { Change } from '../../src/plan/change.ts'
import { planHost } from '../../src/plan/plan.ts'
import { applyBody } from '../../src/transaction/steps.ts'
import { intent } from '../plan/host-state.ts'
import type { Host } from './host-in-namespace.ts'

/** An agent on a host, spoken to in the words of a transaction. */
export interface Conversation {
  readonly agent: Agent
  readonly pid: number
  facts(): Promise<Sections>
  state(): Promise<HostState>
  /** The first line of the answer, and what it gave as reason. */
  apply(state: HostState, changes: readonly Change[]): Promise<string>
  rollback(): Promise<string>
  commit(): Promise<string>
  renew(): Promise<string>
  /** Renews, and reads the host back. */
  look(): Promise<HostState>
  settle(): Promise<string>
  /** Closes stdin and waits until the shell has ended. */
  leave(): Promise<void>
}

/** Starts the agent and reads the facts. */
export async function talkTo(
  host: Host,
  run = 'run-1',
  who = 'test',
  lease = 30,
): Promise<Conversation> {
  const shell = host.shell()
  const agent = startAgent(shell, 30, 60)
  const ask = async (words: readonly string[], body: readonly string[] = []): Promise<Sections> => {
    const reply = await agent.request(words, body)
    if (reply.kind === 'lost') throw new Error(`lost: ${reply.reason}`)
    return reply.sections
  }
  const result = (sections: Sections): string => sections.get('result')?.text ?? 'no result'
  const facts = (): Promise<Sections> => ask(['facts', intent.set])
  return {
    agent,
    pid: shell.pid,
    facts,
    state: async () => stateIn(await facts()),
    apply: async (state, changes) =>
      result(
        await ask(
          ['apply', intent.set, run, state.fingerprint, who, `${lease}`],
          applyBody(changes),
        ),
      ),
    rollback: async () => result(await ask(['rollback', intent.set, run, who])),
    commit: async () => result(await ask(['commit', intent.set, run, who])),
    renew: async () => result(await ask(['renew', run])),
    look: async () => stateIn(await ask(['renew', run, intent.set])),
    settle: async () => result(await ask(['settle', intent.set, run, who])),
    async leave() {
      agent.end()
      await shell.ended
    },
  }
}

/** The state in an answer; throws if the host could not be read. */
export function stateIn(sections: Sections): HostState {
  const state = readState(sections)
  if (state.kind === 'unreadable') throw new Error(state.reason)
  return state.value
}

/** What is to be done on a host so that it is as wanted. */
export function changesFor(
  state: HostState,
  wanted: ProtectIntent | { readonly kind: 'remove'; readonly set: string } = intent,
): readonly Change[] {
  const plan = planHost(state, wanted)
  if (plan.kind === 'refused') throw new Error(plan.reason)
  return plan.changes
}
