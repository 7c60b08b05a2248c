import { type Agent, type GuardChoice, type Lost, startAgent } from '../../src/agent/agent.ts'
import { nameHolder } from '../../src/agent/holder.ts'
import type { HostFacts } from '../../src/facts/host-facts.ts'
import { type HostState, readState } from '../../src/facts/state.ts'
import type { Intent } from '../../src/guard/intent.ts'
import { type Change, undoOf } from '../../src/plan/change.ts'
import { planHost } from '../../src/plan/plan.ts'
import { factsOf } from '../facts/facts-of.ts'
import { intent } from '../plan/host-state.ts'
import type { Host } from './host-in-namespace.ts'

/** An agent on a host, asked on behalf of one run. Answers are told by their kind, with what else they say after a colon. */
export interface Conversation {
  readonly agent: Agent
  readonly pid: number
  facts(): Promise<HostFacts>
  state(): Promise<HostState>
  apply(state: HostState, changes: readonly Change[]): Promise<string>
  rollback(): Promise<string>
  commit(): Promise<string>
  renew(): Promise<string>
  /** Renews, and reads the host back. */
  look(): Promise<HostState>
  clear(): Promise<string>
  /** Goes away without a word: nobody reads what the agent says, and nobody writes to it. */
  hangUp(): void
  /** Closes stdin and waits until the shell has ended. */
  leave(): Promise<void>
}

/** Starts the agent, whose program is changed by `edit`. */
export async function talkTo(
  host: Host,
  run = 'run-1',
  who = 'test',
  lease = 30,
  edit = (program: string): string => program,
  guard: GuardChoice = 'forward',
  shell = host.shell(),
): Promise<Conversation> {
  const agent = startAgent({ ...shell, write: (text) => shell.write(edit(text)) }, 300, 60, guard)
  const { set } = intent
  const owner = { run, who }
  const facts = async (): Promise<HostFacts> => factsOf(found(await agent.facts(set)).sections)
  return {
    agent,
    pid: shell.pid,
    facts,
    state: async () => stateOf((await facts()).state),
    apply: async (state, changes) => {
      const { fingerprint } = state
      const undo = undoOf(changes)
      return told(await agent.apply({ set, owner, fingerprint, lease, changes, undo }))
    },
    rollback: async () => told(await agent.rollBack(set, owner)),
    commit: async () => told(await agent.commit(set, owner)),
    renew: async () => told(await agent.renew(run)),
    async look() {
      const answer = found(await agent.renew(run, set))
      if (answer.kind !== 'renewed') throw new Error(answer.kind)
      return stateOf(readState(answer.state))
    },
    clear: async () => told(await agent.clear(set, owner)),
    hangUp: () => shell.hangUp(),
    async leave() {
      agent.end()
      await shell.ended
    },
  }
}

/** An answer; throws if the session was lost. */
function found<T>(answer: T | Lost): T {
  if (isLost(answer)) throw new Error(`lost: ${answer.reason}`)
  return answer
}

function isLost(answer: unknown): answer is Lost {
  return (answer as Lost).kind === 'lost'
}

type Answer = Awaited<ReturnType<Agent['apply' | 'rollBack' | 'commit' | 'renew' | 'clear']>>

function told(answer: Answer): string {
  const known = found(answer)
  if ('reason' in known) {
    return `${'busy' in known && known.busy ? 'busy' : known.kind}: ${known.reason}`
  }
  if ('holder' in known) {
    const stuck = 'stuck' in known && known.stuck !== undefined ? `, stuck: ${known.stuck}` : ''
    return `${known.kind}: ${nameHolder(known.holder)}${stuck}`
  }
  if ('unguarded' in known && known.unguarded) return `${known.kind}, unguarded`
  if ('left' in known && known.left !== '') return `${known.kind}, left: ${known.left}`
  return 'already' in known && known.already ? `${known.kind}: already` : known.kind
}

/** A state that was read; throws if the host could not be read. */
export function stateOf(state: ReturnType<typeof readState>): HostState {
  if (state.kind === 'unreadable') throw new Error(state.reason)
  return state.value
}

/** What is to be done on a host so that it is as wanted. */
export function changesFor(state: HostState, wanted: Intent = intent): readonly Change[] {
  const plan = planHost(state, wanted)
  if (plan.kind === 'refused') throw new Error(plan.reason)
  return plan.changes
}
