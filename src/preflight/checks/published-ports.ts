import { lostPublishedPorts } from '../../placement/lost-published-ports.ts'
import { type ProtectionCheck, warn } from '../check.ts'
import { passUnder } from './judged-by-plan.ts'

/** Whether published ports are given up that clients use now. Where they are not given up, placement keeps them. */
export const publishedPorts: ProtectionCheck = {
  title: 'no published ports are given up',
  judge({ state, intent, plan }) {
    const position = plan.kind === 'planned' ? plan.placement?.position : undefined
    const given = intent.published === 'block' && position !== undefined
    const lost = given ? lostPublishedPorts(state, intent, position) : []
    if (lost.length === 0) return passUnder(plan, 'placement')
    return warn(
      `clients outside the set are cut from published ports: ${lost.join(', ')}`,
      'fw_published: block accepts this; fw_published: allow keeps them reachable.',
    )
  },
}
