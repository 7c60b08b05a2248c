import type { Agent, Lost } from '../agent.ts'
import type { Sections } from '../sections.ts'
import { readApplied, readCleared, readCommitted, readRenewed, readRolledBack } from './answers.ts'
import type { Channel } from './channel.ts'
import { applyBody } from './steps.ts'

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
  return {
    facts: (set, whole = false) =>
      ask((sections) => ({ kind: 'facts', sections }), ['facts', set, ...(whole ? ['whole'] : [])]),
    apply: ({ set, owner, fingerprint, lease, changes, undo }) =>
      ask(
        readApplied,
        ['apply', set, owner.run, fingerprint, owner.who, `${lease}`],
        applyBody(changes, undo),
      ),
    renew: (run, set) => ask(readRenewed, ['renew', run, ...(set === undefined ? [] : [set])]),
    commit: (set, { run, who }) => ask(readCommitted, ['commit', set, run, who]),
    rollBack: (set, { run, who }) => ask(readRolledBack, ['rollback', set, run, who]),
    clear: (set, { run, who }) => ask(readCleared, ['clear', set, run, who]),
    requests,
    lost,
    end,
  }
}
