import type { HostFault } from '../transaction/outcome.ts'
import { block } from './block.ts'
import { groupHosts, hostList } from './host-list.ts'
import type { Paint } from './paint.ts'
import { isUnseen, type RunReport } from './run-report.ts'

/** What went wrong on hosts and at which step, and what is left there, with what to do next; equal hosts together. */
export function faultLines({ hosts }: RunReport, paint: Paint): readonly string[] {
  const told = hosts.flatMap((report) => {
    const { host, fault, outcome } = report
    const leftTitle = isUnseen(report) ? 'STATE NOT KNOWN' : 'NOT AS IT WAS'
    return [
      ...(fault ? [{ host, ...faultWords(fault) }] : []),
      ...(outcome?.kind === 'incomplete'
        ? [{ host, title: leftTitle, text: outcome.left, remedy: outcome.remedy }]
        : []),
    ]
  })
  return [...groupHosts(told, ({ host: _, ...rest }) => JSON.stringify(rest)).values()].flatMap(
    (group) => {
      const { title = '', text = '', remedy = '' } = group[0] ?? {}
      return [
        `  ${paint('red', hostList(group.map(({ host }) => host)))} ${title}:`,
        ...block(text, '      '),
        ...(remedy ? block(remedy, '   -> ') : []),
      ]
    },
  )
}

function faultWords({ step, kind, reason }: HostFault) {
  const title = step === 'hold' ? 'before it was kept' : `at ${step}`
  return { title, text: reason, remedy: kind === 'unheard' ? stalled : '' }
}

const stalled =
  'This machine, or the link to that host, stalled for longer than the lease. Run again, perhaps with a longer --lease.'
