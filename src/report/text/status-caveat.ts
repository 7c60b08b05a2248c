import { argumentsOf, leadsElsewhere } from '../../inventory/source-names.ts'
import { hasUnfinished, type RunReport } from '../../outcomes/run-report.ts'
import { inventoryFlags } from '../unfinished-run.ts'

/** Why hosts may not stay as `status` finds them, to follow a comma, and what to do; undefined if they will stay. */
export function statusCaveat(report: RunReport): string | undefined {
  if (report.purpose !== 'look') return undefined
  if (hasUnfinished(report)) return unfinished(report)
  const holders = new Set(
    report.hosts.flatMap(({ heldBy }) => (heldBy ? [`run ${heldBy.run}`] : [])),
  )
  if (holders.size === 0) return undefined
  const [verb, whose] = holders.size === 1 ? ['is', 'its change'] : ['are', 'their changes']
  return `but ${[...holders].join(', ')} ${verb} at work and may roll back ${whose}: run \`fw-run status\` again later`
}

function unfinished(report: RunReport): string {
  const runs = report.unfinished.filter(({ state }) => state === 'unfinished')
  const names = runs.map(({ id, begun }) => `${id} (${begun.command})`).join(', ')
  const [first, second] = runs
  if (!first || second) return `but runs ${names} are unfinished: \`fw-run recover\` finishes them`
  const { inventory } = first.begun
  const elsewhere = leadsElsewhere(inventory, argumentsOf(report.inventory))
  const command = elsewhere ? `fw-run recover ${inventoryFlags(inventory)}` : 'fw-run recover'
  return `but run ${names} is unfinished: \`${command}\` finishes it`
}
