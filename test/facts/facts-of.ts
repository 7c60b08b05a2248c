import type { Sections } from '../../src/agent/sections.ts'
import { type HostFacts, readFacts } from '../../src/facts/host-facts.ts'
import { atOnce } from '../../src/waiting/pieces.ts'

/** What an answer of the agent to `facts` says. */
export function factsOf(sections: Sections): HostFacts {
  return atOnce(readFacts(sections))
}
