import type { HostState } from '../facts/state.ts'
import { isOurChain } from '../guard/mangle-chain.ts'
import { isOurs } from '../guard/nft-table.ts'
import type { PlacedRule } from '../guard/placed-rule.ts'
import { chainOf } from '../guard/standing-chain.ts'
import { type Family, families } from '../ip/dual.ts'
import type { NftTable } from '../nft/printed-table.ts'

/** Why nothing is planned for a host, and what to do. */
export interface Refusal {
  readonly kind: 'refused'
  readonly over: 'set' | 'position' | 'rules' | 'table' | 'chain' | 'boot'
  readonly reason: string
  readonly remedy: string
}

/** A table that has our name, of another program. */
export const foreignTable: Refusal = {
  kind: 'refused',
  over: 'table',
  reason: 'a table inet fw_run exists already, but another program made it',
  remedy:
    'Look at it on that host: `nft list table inet fw_run`. If nobody needs it, delete it there: `nft delete table inet fw_run`. Then run the same command again. If another program needs it, set fw_guard: mangle for that host.',
}

/** A chain that has our name, of another program. */
export function foreignChain(family: Family): Refusal {
  const command = toolOf(family)
  return {
    kind: 'refused',
    over: 'chain',
    reason: `a chain FW-RUN exists already in the table mangle of ${command}, but another program made it`,
    remedy: `Look at it on that host, and at the rules that lead to it: \`${command} -t mangle -S | grep FW-RUN\`. If another program needs the chain, set fw_guard: nft for that host. If nobody needs it, delete each rule that has \`-j FW-RUN\`: \`${command} -t mangle RULE\`, with -D in place of -A. Then delete the chain: \`${command} -t mangle -F FW-RUN; ${command} -t mangle -X FW-RUN\`, and run the same command again.`,
  }
}

/**
 * Refuses a rule of ours in FORWARD with a word that no request to the agent can carry, such as an odd comment. U+FFFD
 * stands for bytes that are no UTF-8.
 */
export function unsendableRule(guards: readonly PlacedRule[]): Refusal | undefined {
  const odd = guards.find(({ rule }) => hasOddWord(rule))
  return (
    odd && {
      kind: 'refused',
      over: 'rules',
      reason: `rule ${odd.position} of FORWARD belongs to fw-run, but its text has an empty word or an unprintable character`,
      remedy: `Delete it by hand: run \`iptables -D FORWARD ${odd.position}\` on that host. Then run the same command again at once: without the rule, outsiders reach pods of that host.`,
    }
  )
}

/** The same of our table and our chains. */
export function unsendableState(state: HostState): Refusal | undefined {
  const { table } = state
  return table && isOurs(table) && !isSendableTable(table) ? oddTable : unsendableChain(state)
}

const oddTable: Refusal = {
  kind: 'refused',
  over: 'table',
  reason: 'the table inet fw_run of fw-run has unprintable characters that fw-run did not write',
  remedy:
    'Look at it on that host: `nft list table inet fw_run`. Remove those characters, or delete the table: `nft delete table inet fw_run`. Then run the same command again.',
}

function unsendableChain(state: HostState): Refusal | undefined {
  for (const family of families) {
    const chain = chainOf(state, family)
    if (!chain || !isOurChain(chain)) continue
    const odd = [...chain.rules, ...chain.jumps.map(({ rule }) => rule)].find(hasOddWord)
    if (!odd) continue
    const command = toolOf(family)
    return {
      kind: 'refused',
      over: 'chain',
      reason: `a rule of fw-run in ${odd.chain} of the table mangle has an empty word or an unprintable character`,
      remedy: `Look at it on that host: \`${command} -t mangle -S ${odd.chain}\`. Then delete it by its number: \`${command} -t mangle -D ${odd.chain} NUMBER\`.`,
    }
  }
  return undefined
}

function hasOddWord({ words }: PlacedRule['rule']): boolean {
  return words.some((word) => word === '' || !isSendable(word))
}

/** Line by line: blanks around a line do not travel. */
function isSendableTable({ text }: NftTable): boolean {
  return text.split('\n').every((line) => isSendable(line.trim()))
}

/** Whether a text is without unprintable characters: those of no UTF-8 came as U+FFFD. */
function isSendable(text: string): boolean {
  return /^[^\p{Cc}\ufffd]*$/u.test(text)
}

function toolOf(family: Family): string {
  return family === 4 ? 'iptables' : 'ip6tables'
}
