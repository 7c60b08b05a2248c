import { compactNames, countHosts, groupHosts } from '../../text/host-list.ts'
import type { CheckDocument, HostDocument } from '../document.ts'
import { html, type Markup } from './markup.ts'

/** Up to so many hosts have a row each; of more, equal hosts share one. */
const maxRows = 40

const marks = {
  pass: ['ok', '✓', 'passes'],
  unjudged: ['soft', '–', 'not checked'],
  warn: ['warn', '!', 'warns'],
  fail: ['bad', '✗', 'fails'],
} as const

/** Hosts by checks: a mark for each, and what the marks mean. */
export function matrix(hosts: readonly HostDocument[]): readonly Markup[] {
  const ids = [...new Set(hosts.flatMap(({ checks }) => checks.map(({ id }) => id)))]
  if (ids.length === 0) return []
  const key = ({ host, checks }: HostDocument): string =>
    hosts.length > maxRows ? checks.map(({ id, result }) => `${id} ${result}`).join() : host
  const rows = [...groupHosts(hosts, key).values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const found = new Map(first.checks.map(({ id, result }) => [id, result]))
    const names = compactNames(group.map(({ host }) => host)).join(', ')
    return [
      html`<tr><th scope="row">${names}${group.length > 1 ? ` (${countHosts(group.length)})` : ''}</th>${ids.map((id) => cell(found.get(id), id))}</tr>\n`,
    ]
  })
  const heads = ids.map((id) => html`<th scope="col"><span>${id}</span></th>`)
  const legend = Object.values(marks).map(
    ([kind, mark, words]) => html`<span class="tag ${kind}">${mark} ${words}</span> `,
  )
  return [
    html`<p>${legend}<span class="soft">empty: does not matter for this host</span></p>`,
    html`<div class="frame" tabindex="0"><table class="matrix"><thead><tr><th scope="row">Host</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`,
  ]
}

function cell(result: CheckDocument['result'] | undefined, id: string): Markup {
  if (!result) return html`<td></td>`
  const [kind, mark, words] = marks[result]
  return html`<td class="${kind}" title="${id} ${words}">${mark}</td>`
}

/** What failed and what warns: each text once, with its hosts, failures first. */
export function findings(hosts: readonly HostDocument[]): readonly Markup[] {
  const told = (['fail', 'warn'] as const).flatMap((result) =>
    hosts.flatMap(({ host, checks }) =>
      checks.filter((check) => check.result === result).map((check) => ({ host, check })),
    ),
  )
  const key = ({ check }: (typeof told)[number]): string =>
    JSON.stringify([check.id, check.result, check.accepted, check.reason, check.remedy])
  return [...groupHosts(told, key).values()].flatMap((group) => {
    if (!group[0]) return []
    const { id, result, reason, remedy, accepted } = group[0].check
    const [kind, mark, words] = marks[result]
    const names = compactNames(group.map(({ host }) => host)).join(', ')
    return [
      html`<div class="finding ${kind}"><strong>${mark} ${id} ${words}${accepted ? ', accepted by the inventory' : ''}</strong><p>${names}: ${reason}</p>${remedy ? html`<p>→ ${remedy}</p>` : undefined}</div>\n`,
    ]
  })
}
