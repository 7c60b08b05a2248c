import { setTimeout as delay } from 'node:timers/promises'
import type { Agent, Lost } from '../../src/agent/agent.ts'
import { agentOver } from '../../src/agent/agent.ts'
import type { Reply } from '../../src/agent/conversation/channel.ts'
import type { Change } from '../../src/plan/change.ts'
import { planHost } from '../../src/plan/plan.ts'
import type { HostPlan, Participant } from '../../src/transaction/participant.ts'
import { answerOf } from '../facts/answer-of.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'

type Request = 'apply' | 'renew' | 'commit' | 'rollback' | 'facts'

/** What a host answers to a request: words, a state to read back; or the connection goes, or nothing ever comes. */
export type Answer =
  | 'lost'
  | 'silent'
  | {
      readonly says: string
      readonly reads?: 'before' | 'after' | 'half' | 'spoiled' | 'removed' | 'foreign' | 'nothing'
      /** How many milliseconds the answer takes. */
      readonly takes?: number
    }

/** What a host answers to each request; of several answers to one the last goes on for ever. */
export type Script = Readonly<Partial<Record<string, Answer | readonly Answer[]>>>

/** A host that answers as scripted and remembers what it was asked. */
export interface ScriptedHost {
  readonly participant: Participant
  /** Requests in order; those of a second session begin with `again `. */
  readonly asked: string[]
  /** Fingerprints that it was to find, by the plans that it was to carry out. */
  readonly fingerprints: string[]
  /** The agents that rollbacks were to end first: each a process and its birth, or nothing. */
  readonly silent: () => readonly string[]
  readonly committed: () => boolean
}

const changes: readonly Change[] = (() => {
  const plan = planHost(hostState(forward()), intent)
  return plan.kind === 'planned' ? plan.changes : []
})()

/** What comes of planning that host anew when others have written a rule of no consequence. */
export const fit: HostPlan = {
  before: { ...hostState(forward()), fingerprint: '3 3' },
  intent,
  changes,
}

/** The answers of a host on which all goes well. */
export const well = {
  apply: { says: 'applied', reads: 'after' },
  commit: { says: 'committed' },
} as const satisfies Script

/**
 * A host that was fresh and is to be protected. A request that the script does not name is an error of the test. Once
 * lost, a session stays lost; `reopens` says whether a second one comes about, whose requests are `again …`. `planAgain`
 * says what comes of planning anew.
 */
export function scriptedHost(
  host: string,
  script: Script,
  reopens: 'reopens' | 'is unreachable' | 'must not be reopened' = 'must not be reopened',
  planAgain: Participant['planAgain'] = async () => fit,
): ScriptedHost {
  const asked: string[] = []
  const fingerprints: string[] = []
  const told: string[] = []
  let committed = false
  const session = (prefix: string): Agent => {
    let gone = false
    let give = (_: Lost): void => {}
    return agentOver({
      async request([word, ...words]): Promise<Reply> {
        const name = `${prefix}${word as Request}`
        if (gone) return cut(false)
        // Where the test is slow, hosts hear from us in between.
        if (word === 'renew' && !script[name]) {
          return { kind: 'answered', sections: answered({ says: 'renewed', reads: 'after' }) }
        }
        asked.push(name)
        if (word === 'apply') fingerprints.push(`${words[2]}`)
        if (word === 'rollback') told.push(words.slice(3).join(' '))
        const scripted = script[name]
        const answers = scripted === undefined || isList(scripted) ? (scripted ?? []) : [scripted]
        const times = asked.filter((one) => one === name).length
        const answer = answers[times - 1] ?? answers.at(-1)
        if (!answer) throw new Error(`${host} was asked '${name}', which nobody scripted`)
        if (answer === 'lost') {
          gone = true
          return cut(true)
        }
        if (answer === 'silent') return new Promise((resolve) => (give = resolve))
        if (answer.takes !== undefined) await delay(answer.takes)
        committed ||= answer.says === 'committed'
        return { kind: 'answered', sections: answered(answer) }
      },
      requests: () => asked.length,
      lost: () => (gone ? 'the link was cut' : undefined),
      end(reason) {
        asked.push(`${prefix}end`)
        if (reason === undefined) return
        gone = true
        give({ ...cut(true), reason })
      },
    })
  }
  return {
    asked,
    fingerprints,
    silent: () => told,
    committed: () => committed,
    participant: {
      host,
      agent: { ...session(''), process: () => ({ pid: '4711', birth: '99' }) },
      before: hostState(forward()),
      intent,
      changes,
      planAgain() {
        asked.push('plan again')
        return planAgain()
      },
      async reopen() {
        if (reopens === 'must not be reopened') throw new Error(`${host} was reopened`)
        return reopens === 'reopens' ? session('again ') : { unreachable: 'no route to host' }
      },
    },
  }
}

function cut(sent: boolean): Lost {
  return { kind: 'lost', sent, reason: 'the link was cut', unheard: false }
}

function isList(script: Answer | readonly Answer[]): script is readonly Answer[] {
  return Array.isArray(script)
}

function answered({ says, reads = 'nothing' }: Exclude<Answer, string>) {
  const states = {
    before: { rules: forward(), sets: '' },
    after: { rules: forward([4, guard]), sets: exactSet },
    half: { rules: forward(), sets: '' },
    // Somebody has taken our rule out by hand.
    removed: { rules: forward(), sets: exactSet },
    // Others have put a rule before ours that makes it useless.
    spoiled: {
      rules: ['-A FORWARD -d 10.42.0.0/16 -j ACCEPT', ...forward([4, guard])],
      sets: exactSet,
    },
    // The name of our set belongs to a set that cannot be ours.
    foreign: { rules: forward(), sets: 'create cluster_nodes list:set size 8' },
    nothing: undefined,
  }
  const state = states[reads]
  return answerOf({
    result: says,
    ...(state && {
      rules: `*filter\n:FORWARD DROP [0:0]\n:cali-FORWARD - [0:0]\n${state.rules.join('\n')}\nCOMMIT`,
      sets: state.sets,
      table: '',
      fingerprint: '2 2',
    }),
  })
}
