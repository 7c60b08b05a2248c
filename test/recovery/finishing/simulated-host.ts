import { agentOver } from '../../../src/agent/agent.ts'
import type { Reply } from '../../../src/agent/conversation/channel.ts'
import type { OpenedHost } from '../../../src/cluster/open-hosts.ts'
import { factsOf } from '../../facts/facts-of.ts'
import { exactSet, forward, guard } from '../../plan/host-state.ts'
import { host, soundAnswer } from '../../preflight/subject.ts'

/** How the firewall of a host is: without our set and rule, with both, or with the set alone. */
export type Firewall = 'bare' | 'guarded' | 'half'

/** An open host that keeps one of these firewalls, and remembers what it was asked. */
export interface SimulatedHost extends OpenedHost {
  readonly asked: readonly string[]
  readonly firewall: () => Firewall
}

const answers: Readonly<Record<Firewall, { readonly rules: string; readonly sets: string }>> = {
  bare: { rules: table(forward()), sets: '' },
  half: { rules: table(forward()), sets: exactSet },
  guarded: { rules: table(forward([4, guard])), sets: exactSet },
}

function table(rules: readonly string[]): string {
  return `*filter\n:FORWARD DROP [0:0]\n:cali-FORWARD - [0:0]\n${rules.join('\n')}\nCOMMIT`
}

/**
 * A host that does as it is asked: a change leads from bare to guarded or back. `spoiled` are answers to requests that do
 * not go well; `lost`: the session goes.
 */
export function simulatedHost(
  name: string,
  address: string,
  firewall: Firewall,
  spoiled: Readonly<Record<string, string>> = {},
  texts: Parameters<typeof soundAnswer>[0] = {},
): SimulatedHost {
  let before = firewall
  let now = firewall
  let lost: string | undefined
  const asked: string[] = []
  const answer = (result: string): Reply => {
    return { kind: 'answered', sections: soundAnswer({ ...answers[now], ...texts, result }) }
  }
  const agent = agentOver({
    async request([word = ''], body = []) {
      if (word !== 'renew') asked.push(word)
      if (spoiled[word] === 'lost') lost = 'the link was cut'
      if (lost !== undefined) return { kind: 'lost', sent: true, reason: lost, unheard: false }
      if (spoiled[word] !== undefined) return answer(spoiled[word])
      switch (word) {
        case 'apply':
          before = now
          if (body.length > 0) now = now === 'guarded' ? 'bare' : 'guarded'
          return answer('applied')
        case 'rollback':
          now = before
          return answer('rolled-back')
        default:
          return answer({ clear: 'cleared', renew: 'renewed', commit: 'committed' }[word] ?? '')
      }
    },
    requests: () => asked.length,
    lost: () => lost,
    end: () => {},
  })
  return {
    host: { ...host, name, address },
    findings: [],
    link: { agent, close: async () => {} },
    facts: factsOf(soundAnswer({ ...answers[now], ...texts })),
    asked,
    firewall: () => now,
  }
}
