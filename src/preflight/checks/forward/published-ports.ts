import { lostPublishedPorts } from '../../../placement/lost-published-ports.ts'
import { type ForwardCheck, warn } from '../../check.ts'
import { publishingTables } from '../../evidence/publishing-tables.ts'
import { passUnder } from '../../evidence/refused-plan.ts'

/** Whether `fw_published: block` cuts published ports that clients can use now. Without it, placement keeps them. */
export const publishedPorts: ForwardCheck = {
  id: 'published-ports',
  judge({ facts, state, intent, plan }) {
    const hidden = publishingTables(facts)
    if (hidden && intent.published === undefined) {
      return { kind: 'unjudged', reason: `fw-run does not read the ports of ${hidden.names}` }
    }
    const position = plan.kind === 'planned' ? plan.placement?.position : undefined
    const given = intent.published === 'block' && position !== undefined
    const lost = given ? lostPublishedPorts(state, intent, position) : []
    const all = [...lost, ...(given && hidden ? [`those of nftables (${hidden.names})`] : [])]
    if (all.length === 0) return passUnder(plan, 'placement')
    return warn(
      `outsiders lose these published ports: ${all.join(', ')}`,
      'To keep them reachable, set fw_published: allow. If nobody needs them, add published-ports to fw_accept.',
    )
  },
}
