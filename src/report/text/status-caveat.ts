import { hasUnfinished } from '../../outcomes/exit-code.ts'
import type { RunReport } from '../../outcomes/run-report.ts'

/** Why hosts may not stay as `status` finds them, and what comes next, to follow a comma; nothing if they will. */
export function reservation(report: RunReport): string | undefined {
  if (report.purpose !== 'look') return undefined
  if (hasUnfinished(report)) return unfinished(report)
  const holders = new Set(
    report.hosts.flatMap(({ heldBy }) => (heldBy ? [`run ${heldBy.run}`] : [])),
  )
  if (holders.size === 0) return undefined
  const whose = holders.size === 1 ? 'it' : 'they'
  return `held by ${[...holders].join(', ')}: what ${whose} changed may yet be rolled back`
}

function unfinished(report: RunReport): string {
  const open = report.unfinished.filter(({ state }) => state === 'unfinished')
  const names = open.map(({ id, begun }) => `${id} (${begun.command})`)
  const runs = names.length === 1 ? 'run' : 'runs'
  const verb = names.length === 1 ? 'is' : 'are'
  return `but interrupted ${runs} ${names.join(', ')} ${verb} not settled: \`fw-run recover\``
}
