import type { HostReport, RunReport } from '../../outcomes/run-report.ts'
import { countHosts, groupHosts, hostList } from '../../text/host-list.ts'
import { numberRanges } from '../../text/number-ranges.ts'
import { trafficWord } from '../../words/traffic.ts'
import { cutTo, padTo } from '../layout/columns.ts'

type Placement = NonNullable<HostReport['placement']>

/** What becomes of one kind of traffic: `before` this run, where that is known, and `after` it. */
interface TrafficLine {
  readonly title: string
  readonly before: string | undefined
  readonly after: string
}

/**
 * What a run does to the traffic of a host. Where nothing of ours changes, traffic stays as it is. Where rules of ours
 * stand already and are mended, `before` is not known for what they may stop.
 */
export function trafficOn({ placement, changes, guards }: HostReport): readonly TrafficLine[] {
  const standing = guards.length > 0
  return (placement?.traffic ?? []).map(({ title, before, after }) => ({
    title,
    before: changes.length === 0 ? after : standing && before !== after ? undefined : before,
    after,
  }))
}

/**
 * What the rule does to traffic, where a plan was asked for. `whole` shows FORWARD and all kinds of traffic; otherwise
 * only what changes is shown, so that the changes stay on the screen.
 */
export function trafficLines(report: RunReport, whole: boolean): readonly string[] {
  const { hosts, kind, diff, purpose } = report
  if (kind !== 'audited' && !diff) return []
  const looking = purpose !== 'change'
  const planned = hosts.flatMap((host) =>
    host.placement && (looking || host.changes.length > 0)
      ? [{ host: host.host, lines: hostLines(host, host.placement, whole) }]
      : [],
  )
  return [...groupHosts(planned, ({ lines }) => lines.join('\n')).values()].flatMap((group) => {
    const [first = '', ...rest] = group[0]?.lines ?? []
    const names = `${countHosts(group.length)}: ${hostList(group.map(({ host }) => host))}`
    return [`  ${names}; ${first}`, ...rest]
  })
}

function hostLines(host: HostReport, placement: Placement, whole: boolean): readonly string[] {
  const traffic = trafficOn(host)
  const changing = traffic.filter(({ before, after }) => before !== after)
  const same = traffic.length - changing.length
  return [
    `good positions in FORWARD: ${numberRanges(placement.good)}`,
    ...(whole ? chainLines(host, placement) : []),
    ...(whole ? traffic : folded(changing)).map(trafficLine),
    ...(whole || same === 0
      ? []
      : [
          `    traffic that does not change: ${same} ${same === 1 ? 'kind' : 'kinds'}, shown with -v`,
        ]),
  ]
}

/** Traffic of which the same becomes, in one line where only the word behind the last comma differs. */
function folded(lines: readonly TrafficLine[]): readonly TrafficLine[] {
  const stem = ({ title }: TrafficLine): string => title.replace(/, [^,]*$/, '')
  const groups = groupHosts(lines, (line) => JSON.stringify([stem(line), line.before, line.after]))
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const more = others.map(({ title }) => title.slice(stem(first).length))
    return [{ ...first, title: first.title + more.join('') }]
  })
}

function trafficLine({ title, before, after }: TrafficLine): string {
  const [was, is] = [before, after].map(trafficWord)
  const change = before === after ? is : `${was} → ${is}`
  return `    ${padTo(title, 46)} ${change}`
}

/**
 * FORWARD with our rules in it, numbered as `iptables -L --line-numbers` does: `>` marks ours, `|` a rule
 * that ours could also stand before. So the rule right behind ours has no mark.
 */
function chainLines(
  { changes, guards }: HostReport,
  { chain, good }: Placement,
): readonly string[] {
  const change = changes.find(({ kind }) => kind === 'rules')
  const ours = change?.kind === 'rules' ? change.after : guards
  const rows = [...chain, '(end)'].map((raw, index) => ({
    raw,
    mark: good.includes(index + 1) ? '|' : ' ',
  }))
  for (const { position, rule } of ours.toSorted((a, b) => a.position - b.position)) {
    rows.splice(position - 1, 0, { raw: rule.raw, mark: '>' })
  }
  return rows.map(({ raw, mark }, index) => {
    const rule = cutTo(raw.replace(/^-A FORWARD /, ''), 66)
    const shown = mark === '|' && rows[index - 1]?.mark === '>' ? ' ' : mark
    return `  ${shown} ${`${index + 1}`.padStart(4)}  ${rule}`
  })
}
