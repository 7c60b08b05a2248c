import { findGuards } from '../../../guard/forward-rule.ts'
import type { ForwardIntent } from '../../../guard/intent.ts'
import { keepRules } from '../../../placement/keep-rules.ts'
import { type LostAccess, lostOutboundAccess } from '../../../placement/lost-outbound-access.ts'
import { type ForwardCheck, type Subject, warn } from '../../check.ts'
import { passUnder } from '../../evidence/refused-plan.ts'

/** Whether outsiders keep the ways out that lead through this host, as in a LAN that has this node for its NAT gateway. */
export const outboundAccess: ForwardCheck = {
  id: 'outbound-access',
  judge(subject) {
    const { state, intent, plan } = subject
    const position = positionOfRule(subject)
    const lost = position === undefined ? [] : lostOutboundAccess(state, intent, position)
    if (lost.length === 0) return passUnder(plan, 'placement')
    const losses = lost.map(({ out, lost }) => describeLoss(out.join(', '), lost))
    const accept = lost
      .flatMap(({ ways }) => ways)
      .map((way) => `iptables -I FORWARD ${position} -i ${way.in} -o ${way.out} -j ACCEPT`)
    return warn(
      losses.join('. '),
      `To keep that access, run \`${accept.join(' && ')}\` on that host. These rules accept the traffic before the rule of fw-run. ${keepRules}`,
    )
  },
}

/** The number that our first rule has, or will have, in FORWARD. */
function positionOfRule({ state, intent, plan }: Subject<ForwardIntent>): number | undefined {
  if (plan.kind === 'refused') return undefined
  const moves = plan.changes.some(({ kind }) => kind === 'rules')
  const [standing] = moves ? [] : findGuards(state.ruleset, intent.set)
  return standing?.position ?? plan.placement?.position
}

function describeLoss(out: string, lost: LostAccess['lost']): string {
  const way = `through this host and out by ${out}`
  switch (lost) {
    case 'new connections':
      return `the rule of fw-run stops connections that outsiders open ${way}. Outsiders can still answer connections that come in by ${out}`
    case 'replies':
      return `the rule of fw-run stops answers of outsiders to connections that come in by ${out}. Outsiders can still open connections ${way}`
    case 'new connections and replies':
      return `the rule of fw-run stops all packets of outsiders ${way}`
  }
}
