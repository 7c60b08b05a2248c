import { compactNames, countHosts, groupHosts } from '../../text/host-list.ts'
import { numberRanges } from '../../text/number-ranges.ts'
import type { ForwardDocument, HostDocument, TrafficDocument } from '../document.ts'
import { tableLines } from './changes.ts'
import { html, type Markup, table } from './markup.ts'

/** Each distinct FORWARD chain: its rules, the good positions, and our rule at its position. */
export function forwardParts(
  chains: readonly ForwardDocument[],
  hosts: readonly HostDocument[],
): readonly Markup[] {
  return chains.flatMap((chain) => {
    const host = hosts.find((one) => one.host === chain.hosts[0])
    const change = host?.changes.find(({ kind }) => kind === 'rules')
    const ours = change?.kind === 'rules' ? change.after : (host?.rules ?? [])
    const good = new Set(chain.positions)
    const rows = chain.rules.map((rule, index) => ({
      rule,
      kind: good.has(chain.first + index) ? 'window' : '',
    }))
    for (const { position, rule } of ours.toSorted((a, b) => a.position - b.position))
      rows.splice(position - chain.first, 0, { rule, kind: 'ours' })
    const left = chain.count - chain.rules.length
    const remark =
      left > 0 ? ` ${left} of ${chain.count} rules far from this position are not shown.` : ''
    return [
      html`<h3>${countHosts(chain.hosts.length)}: ${compactNames(chain.hosts).join(', ')}</h3><p>Good positions in FORWARD: ${numberRanges(chain.positions)}. Position ${chain.position} is chosen.${remark}</p>`,
      ...table(
        ['', '#', 'Rule'],
        rows.map((row, index) => ruleRow(row, chain.first + index)),
        'chain',
      ),
    ]
  })
}

/** What the marks in the chains mean. */
export const legendOfChains = html`<p><span class="tag mark">our rule</span> <span class="soft">A coloured edge: our rule could also stand before this rule. Numbers are as in iptables -L --line-numbers.</span></p>`

function ruleRow({ rule, kind }: { rule: string; kind: string }, number: number): Markup {
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
  const now = before === after ? html`${after}` : html`<span class="tag mark">${after}</span>`
  return html`<tr><td>${title}</td><td>${before ?? 'not known'}</td><td>${now}</td></tr>`
}
