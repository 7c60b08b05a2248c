import type { HostReport, RunReport } from '../../outcomes/run-report.ts'
import { countHosts, groupHosts, hostList } from '../host-list.ts'

type Place = NonNullable<HostReport['place']>

/** What becomes of one kind of traffic: `before` this run, where that is known, and `after` it. */
interface TrafficLine {
  readonly title: string
  readonly before: string | undefined
  readonly after: string
}

/**
 * What a run does to the traffic of a host. Where nothing of ours changes it stays as it is; where rules of ours stand
 * already and are mended, what they let through until then is not known.
 */
export function trafficOn({ place, changes, guards }: HostReport): readonly TrafficLine[] {
  const standing = guards.length > 0
  return (place?.traffic ?? []).map(({ title, before, after }) => ({
    title,
    before: changes.length === 0 ? after : standing && before !== after ? undefined : before,
    after,
  }))
}

/** What the rule does to traffic, told where a plan is what was asked for, and there is one or all was to be looked at. */
export function trafficLines({ hosts, kind, diff, purpose }: RunReport): readonly string[] {
  if (kind !== 'audited' && !diff) return []
  const looking = purpose !== 'change'
  const told = hosts.flatMap((host) =>
    host.place && (looking || host.changes.length > 0)
      ? [{ host: host.host, lines: placeLines(host.place, trafficOn(host)) }]
      : [],
  )
  return [...groupHosts(told, ({ lines }) => lines.join('\n')).values()].flatMap((group) => {
    const [first = '', ...rest] = group[0]?.lines ?? []
    const names = `${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}`
    return [`  ${names}; ${first}`, ...rest]
  })
}

function placeLines(place: Place, traffic: readonly TrafficLine[]): readonly string[] {
  return [
    `good places in FORWARD: ${ranges(place.good)}`,
    ...chainLines(place),
    ...traffic.map(({ title, before, after }) => {
      const change = before === after ? after : `${before ?? 'unsure'} → ${after}`
      return `    ${title.padEnd(46)} ${change}`
    }),
  ]
}

/** FORWARD without our rule: `|` before a rule where ours would do, `>` before the one where it goes. */
function chainLines({ chain, good, position }: Place): readonly string[] {
  return [...chain, '(end)'].map((raw, index) => {
    const number = index + 1
    const mark = number === position ? '>' : good.includes(number) ? '|' : ' '
    const rule = raw.replace(/^-A FORWARD /, '')
    const shown = rule.length > 66 ? `${rule.slice(0, 65)}…` : rule
    return `  ${mark} ${`${number}`.padStart(4)}  ${shown}`
  })
}

/** `2-12, 14`. */
function ranges(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = []
  for (const number of numbers) {
    const run = runs.at(-1)
    if (run && run[1] === number - 1) run[1] = number
    else runs.push([number, number])
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
}
