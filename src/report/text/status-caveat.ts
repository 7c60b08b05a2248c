import { argumentsOf, leadsElsewhere } from '../../inventory/source-names.ts'
import { hasUnfinished, type RunReport } from '../../outcomes/run-report.ts'
import { recoverCommand } from '../unfinished-run.ts'

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
  const given = argumentsOf(report.inventory)
  // Where one began with another inventory, `recover` finishes only runs that are named.
  const mustName = runs.some(({ begun }) => leadsElsewhere(begun.inventory, given))
  const commands = mustName
    ? runs.map(({ id, begun }) => recoverCommand(begun.inventory, id)).join(' and ')
    : '`fw-run recover`'
  const [noun, verb, them] = runs.length === 1 ? ['run', 'is', 'it'] : ['runs', 'are', 'them']
  return `but ${noun} ${names} ${verb} unfinished: to finish ${them}, run ${commands}`
}
