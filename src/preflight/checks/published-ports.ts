import { guardRule } from '../../guard/guard.ts'
import type { ProtectIntent } from '../../guard/intent.ts'
import { conflicts } from '../../placement/conflicts.ts'
import { hostModelOf } from '../../placement/host-model.ts'
import { outsidersOn } from '../../placement/outsiders.ts'
import { publishedFlows } from '../../placement/published-flows.ts'
import { type ProtectionCheck, type Subject, warn } from '../check.ts'
import { passUnder } from './judged-by-plan.ts'

/** Whether published ports are given up that clients use now. Where they are not given up, placement keeps them. */
export const publishedPorts: ProtectionCheck = {
  title: 'no published ports are given up',
  judge(subject) {
    const cut = subject.intent.published === 'block' ? cutPorts(subject) : []
    if (cut.length === 0) return passUnder(subject.plan, 'place')
    return warn(
      `clients outside the set are cut from published ports: ${cut.join(', ')}`,
      'fw_published: block accepts this; fw_published: allow keeps them reachable.',
    )
  },
}

/**
 * Ports of which a packet reaches a pod or container under the client's address and is not accepted before our place:
 * hostPorts, services with externalTrafficPolicy Local, bare DNAT, and those of which only the first packet bears the mark
 * of kube-proxy. Of ports that rules of FORWARD treat alike, one for all.
 */
function cutPorts({ state, intent, plan }: Subject<ProtectIntent>): readonly string[] {
  const position = plan.kind === 'planned' ? plan.place?.position : undefined
  if (position === undefined) return []
  const model = hostModelOf(state, intent)
  const { ruleset } = model
  const cut = intent.interfaces.flatMap((on) => {
    const { flows } = publishedFlows(model, outsidersOn(model, on), on)
    return conflicts(ruleset, flows, [guardRule(intent, on)])[position - 1] ?? []
  })
  return [...new Set(cut.map(({ flow }) => flow.title.replace(/^.* port ([^,]+).*$/, '$1')))]
}
