import { compactNames, countHosts, groupHosts } from '../../text/host-list.ts'
import { numberRanges } from '../../text/number-ranges.ts'
import { trafficWord } from '../../words/traffic.ts'
import type { ForwardDocument, HostDocument, RuleDocument, TrafficDocument } from '../document.ts'
import { tableLines } from './changes.ts'
import { html, type Markup, table } from './markup.ts'

/** Each distinct FORWARD chain: its rules, the good positions, and our rule where it stands, or where it is to stand. */
export function forwardParts(
  chains: readonly ForwardDocument[],
  hosts: readonly HostDocument[],
): readonly Markup[] {
  const byName = new Map(hosts.map((host) => [host.host, host]))
  return chains.flatMap((chain) => {
    const ruled = chain.hosts.map((host) => ({ host, ...ourRules(byName.get(host)) }))
    const groups = groupHosts(ruled, ({ rules, isPlanned }) => JSON.stringify([rules, isPlanned]))
    return [...groups.values()].flatMap((group) =>
      group[0] ? chainPart(chain, group[0], group) : [],
    )
  })
}

interface OurRules {
  /** By position. */
  readonly rules: readonly RuleDocument[]
  /** Whether they are to stand there, and do not yet. */
  readonly isPlanned: boolean
}

/** Our rules in FORWARD of a host: as the plan has them, or else as they stand. */
function ourRules(host: HostDocument | undefined): OurRules {
  const change = host?.changes.find(({ kind }) => kind === 'rules')
  const rules = change?.kind === 'rules' ? change.after : (host?.rules ?? [])
  const isPlanned =
    change !== undefined && (host?.made !== undefined || host?.outcome?.kind !== 'committed')
  return { rules: rules.toSorted((a, b) => a.position - b.position), isPlanned }
}

function chainPart(
  chain: ForwardDocument,
  { rules, isPlanned }: OurRules,
  hosts: readonly { readonly host: string }[],
): readonly Markup[] {
  const good = new Set(chain.positions)
  const rows = chain.rules.map((rule, index) => ({
    ...{ rule, number: chain.first + index },
    kind: good.has(chain.first + index) ? 'window' : '',
  }))
  for (const { position, rule } of rules) {
    const at = rows.findIndex(({ number }) => number >= position)
    for (const row of rows) if (row.number >= position) row.number += 1
    rows.splice(at < 0 ? rows.length : at, 0, { rule, number: position, kind: 'ours' })
  }
  const left = chain.count - chain.rules.length
  const remarks = [
    ...(left > 0 ? [`${left} of ${chain.count} rules far from this position are not shown.`] : []),
    ...(isPlanned && rules.length > 0
      ? ['The rule of fw-run is shown where the plan puts it.']
      : []),
  ]
  const title = `Good positions in FORWARD: ${numberRanges(chain.positions)}. Position ${chain.position} is chosen.`
  return [
    html`<h3>${countHosts(hosts.length)}: ${compactNames(hosts.map(({ host }) => host)).join(', ')}</h3><p>${[title, ...remarks].join(' ')}</p>`,
    ...table(['', '#', 'Rule'], rows.map(ruleRow), 'chain'),
  ]
}

/** What the marks in the chains mean. */
export const legendOfChains = html`<p><span class="tag mark">the rule of fw-run</span> <span class="soft">A coloured edge: the rule of fw-run could also stand before this rule. Numbers are as in iptables -L --line-numbers.</span></p>`

function ruleRow({
  rule,
  kind,
  number,
}: {
  readonly rule: string
  readonly kind: string
  readonly number: number
}): Markup {
  const words = rule.replace(/^-A FORWARD /, '')
  return html`<tr class="${kind}"><td class="edge"></td><td class="n">${number}</td><td><code>${words}</code></td></tr>`
}

/** Guards that are a table of nft or a chain in mangle, as they stood: each once, with its hosts. */
export function guardParts(hosts: readonly HostDocument[]): readonly Markup[] {
  const standing = hosts.flatMap(({ host, table: text, chains = [] }) => {
    const lines = [
      ...(text === undefined ? [] : ['table inet fw_run {', ...tableLines(text), '}']),
      ...chains.flatMap(({ family, rules }) =>
        rules.map((rule) => `${family === 4 ? 'iptables' : 'ip6tables'} -t mangle ${rule}`),
      ),
    ]
    return lines.length === 0 ? [] : [{ host, text: lines.join('\n') }]
  })
  return [...groupHosts(standing, ({ text }) => text)].map(
    ([text, group]) =>
      html`<h3>${countHosts(group.length)}: ${compactNames(group.map(({ host }) => host)).join(', ')}</h3><pre>${text}</pre>`,
  )
}

/** What becomes of each kind of traffic, once for all hosts where it is the same. */
export function trafficParts(hosts: readonly HostDocument[]): readonly Markup[] {
  const known = hosts.flatMap(({ host, traffic = [] }) =>
    traffic.length > 0 ? [{ host, traffic }] : [],
  )
  const groups = groupHosts(known, ({ traffic }) => JSON.stringify(traffic))
  return [...groups.values()].flatMap((group) => {
    if (!group[0]) return []
    return [
      html`<h3>${countHosts(group.length)}: ${compactNames(group.map(({ host }) => host)).join(', ')}</h3>`,
      ...table(['Traffic', 'Before', 'After'], group[0].traffic.map(trafficRow)),
    ]
  })
}

function trafficRow({ title, before, after }: TrafficDocument): Markup {
  const [was, is] = [before, after].map(trafficWord)
  const now = before === after ? html`${is}` : html`<span class="tag mark">${is}</span>`
  return html`<tr><td>${title}</td><td>${was}</td><td>${now}</td></tr>`
}
