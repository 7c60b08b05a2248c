import type { RunReport } from '../../outcomes/run-report.ts'
import { hostList } from '../../text/host-list.ts'
import type { Paint } from '../../text/paint.ts'
import { block } from '../layout/sections.ts'
import { forOne, groupEqual } from './equal-hosts.ts'

/**
 * Each objection with what to do next; equal hosts together. A failed probe stands with the probes, and a missing yes is
 * no fault.
 */
export function objectionLines({ objections, hosts }: RunReport, paint: Paint): readonly string[] {
  const faults = objections.flatMap(({ kind, host = '', reason }) => {
    if (kind === 'probe' || kind === 'unconfirmed') return []
    const address = hosts.find((one) => one.host === host)?.address ?? ''
    return [{ host, address, reason, ...words[kind] }]
  })
  return groupEqual(faults, ({ title, reason }) => `${title} ${reason}`).flatMap((group) => {
    const { host = '', title = '', reason = '', remedy = '' } = group[0] ?? {}
    const names = paint('red', hostList(group.map((one) => one.host)))
    return [
      `  ${host === '' ? paint('red', title) : `${names} ${title}`}:`,
      ...block([reason, ...forOne(group, (one) => one.reason)].join('\n'), '      '),
      `   -> ${remedy}`,
    ]
  })
}

const words: Readonly<
  Record<
    'unanswered' | 'journal' | 'inventory' | 'plan' | 'overtaken',
    { readonly title: string; readonly remedy: string }
  >
> = {
  unanswered: {
    title: 'at a new connection',
    remedy:
      'Try to log in to that host by SSH. If sshd refuses many logins at once (MaxStartups), give a lower --forks. On a slow link, give a higher --timeout. Then run the same command again.',
  },
  inventory: {
    title: 'the inventory',
    remedy: 'Remove the cause, then run the same command again.',
  },
  plan: {
    title: 'not as in the plan',
    remedy:
      'Do what is said above for each host. Or make a new plan with `fw-run apply --check --plan-out FILE`, and get it approved.',
  },
  overtaken: {
    title: 'inventory changed during this run',
    remedy: 'Run the same command again.',
  },
  journal: {
    title: 'the journal of this run',
    remedy: 'Remove the cause on the jump host, then run the same command again.',
  },
}
