import { isDecided, isUnseen, type RunReport } from '../../outcomes/run-report.ts'
import { hostList } from '../../text/host-list.ts'
import type { Paint } from '../../text/paint.ts'
import type { HostFault } from '../../transaction/outcome.ts'
import { describeStep } from '../../words/trouble.ts'
import { block } from '../layout/sections.ts'
import { forOne, groupEqual } from './equal-hosts.ts'
import { faultRemedies } from './fault-remedies.ts'

/** What went wrong on hosts and at which step, what is left there, and what to do next; equal hosts together. */
export function faultLines(run: RunReport, paint: Paint): readonly string[] {
  const lacking = isDecided(run) ? 'NOT COMPLETE' : 'NOT AS BEFORE'
  const faults = run.hosts.flatMap((report) => {
    const { host, address, fault, outcome } = report
    const own = { host, address }
    const leftTitle = isUnseen(report) ? 'STATE NOT KNOWN' : lacking
    return [
      // How to finish a host matters more than how to try again.
      ...(fault ? [{ ...own, ...faultWords(fault, outcome?.kind !== 'incomplete') }] : []),
      ...(outcome?.kind === 'incomplete'
        ? [{ ...own, title: leftTitle, text: outcome.left, remedy: outcome.remedy }]
        : []),
    ]
  })
  const words = ({ title, text, remedy }: (typeof faults)[number]): string =>
    JSON.stringify([title, text, remedy])
  return groupEqual(faults, words).flatMap((group) => {
    const { title = '', text = '', remedy = '' } = group[0] ?? {}
    return [
      `  ${paint('red', hostList(group.map(({ host }) => host)))} ${title}:`,
      ...block([text, ...forOne(group, words)].join('\n'), '      '),
      ...(remedy ? block(remedy, '   -> ') : []),
    ]
  })
}

function faultWords({ step, kind, reason }: HostFault, mayRunAgain: boolean) {
  return { title: describeStep(step), text: reason, remedy: mayRunAgain ? faultRemedies[kind] : '' }
}
