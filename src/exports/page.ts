import { compactNames, countHosts, groupHosts } from '../text/host-list.ts'
import { withoutPlan } from '../words/past-run.ts'
import { wavesInOrder } from '../words/waves.ts'
import type { HostDocument, PastDocument, ProbeResultDocument, RunDocument } from './document.ts'
import { forwardParts, guardParts, legendOfChains, trafficParts } from './page/chains.ts'
import { changeParts } from './page/changes.ts'
import { findings, matrix } from './page/checks.ts'
import { page, span, utcSeconds } from './page/frame.ts'
import { hostTable, tag } from './page/hosts.ts'
import { html, type Markup, part, table } from './page/markup.ts'
import { timeline, titleOf } from './page/timeline.ts'

/**
 * A run as one HTML page that needs nothing else: the verdict, who ran what when, checks, rules, traffic, the change with
 * its undo, and what happened when. Whatever came from a host or a file is text in it.
 */
export function renderRunPage(document: RunDocument): string {
  const { command, hosts, forward, probes, objections, unfinished, warnings } = document
  const top = {
    title: `fw-run ${command}, ${utcSeconds(document.started)}`,
    ...{ words: document.words, exitCode: document.exitCode },
    facts: [
      ['Run', document.run],
      ['By', document.who],
      ['When', span(document.started, document.ended)],
      ['Inventory', document.inventory],
      ['Hosts', hostCounts(document)],
      ['Waves', wavesInOrder(document.waves ?? [])],
      ['fw-run', document.version],
    ],
  } as const
  const chains = forwardParts(forward, hosts)
  const troubles = [
    ...objections.map(({ host, reason }) => (host === undefined ? reason : `${host}: ${reason}`)),
    ...unfinished.filter(({ state }) => state === 'unfinished').map(({ words }) => words),
  ]
  return page(top, [
    part('Trouble', list(troubles)),
    part('What the checks say', findings(hosts)),
    part('Checks', matrix(hosts)),
    part(
      changeTitle(document),
      changeParts(hosts.map(({ host, made, changes }) => ({ host, changes: made ?? changes }))),
    ),
    part('What apply would change now', changeParts(hosts.filter(({ made }) => made))),
    part('The rule of fw-run in FORWARD', chains.length > 0 ? [legendOfChains, ...chains] : []),
    part('Tables and chains of the guard, as fw-run read them', guardParts(hosts)),
    part('Traffic', trafficParts(hosts)),
    part(
      'Probes',
      table(
        ['Probe', 'Before', 'After'],
        probes.map(
          ({ probe, before, after }) =>
            html`<tr><td><code>${probe}</code></td><td>${probeResult(before)}</td><td>${probeResult(after)}</td></tr>`,
        ),
      ),
    ),
    part('Notes', list(notesOn(hosts))),
    part('Hosts', hostTable(hosts)),
    part('Warnings of the inventory', list(warnings)),
    part('Time line', timeline(document)),
  ])
}

/** A past run as such a page, as far as its journal tells. */
export function renderPastPage({ past }: PastDocument): string {
  const top = {
    title: `fw-run ${past.command}, ${utcSeconds(past.started)}`,
    ...{ words: past.words, exitCode: exitCodeOf(past) },
    facts: [
      ['Run', past.run],
      ['By', past.who],
      ['When', span(past.started, past.ended)],
      ['Inventory', past.inventory],
      ['Limit', past.limit ?? undefined],
      ['Waves', wavesInOrder(past.waves ?? [])],
      ['Decided to keep the change', past.decided ? 'yes' : 'no'],
      ['Lease', `${past.lease} s`],
      ['fw-run', past.version],
    ],
  } as const
  const planned = new Map(past.planned.map((one) => [one.host, one]))
  const rows = past.hosts.map((host) => {
    const { address, outcome, fault } = planned.get(host) ?? {}
    const none = withoutPlan(host, { ...past, waves: past.waves ?? [] })
    const what = planned.has(host) ? tag(outcome?.kind ?? 'not known') : html`${none}`
    const why = [fault && `${fault.step}: ${fault.reason}`, outcome?.left].filter(Boolean)
    return html`<tr><td>${host}</td><td>${address}</td><td>${what}</td><td>${why.join('; ')}</td></tr>`
  })
  return page(top, [
    part(
      'Trouble',
      list(past.objections.map(({ host, reason }) => (host ? `${host}: ${reason}` : reason))),
    ),
    part('Hosts', table(['Host', 'Address', 'Outcome', ''], rows)),
    part('Planned change', changeParts(past.planned)),
    part(
      'Faults, with times',
      table(
        ['Time', 'Host', 'Phase', 'What'],
        past.troubles.map(
          ({ time, host, phase, detail }) =>
            html`<tr><td>${utcSeconds(time)}</td><td>${host}</td><td>${titleOf(phase)}</td><td>${detail ?? 'failed'}</td></tr>`,
        ),
      ),
    ),
  ])
}

function exitCodeOf({ state, exitCode }: PastDocument['past']): number | undefined {
  return state === 'unfinished' ? 8 : exitCode
}

/** How many hosts came out how: `300: 298 changed, 2 failed`. */
function hostCounts({ command, hosts, leftOut }: RunDocument): string {
  const word = ({ state, protection }: HostDocument): string =>
    command === 'status' && state !== 'unreachable' ? protection : state
  const counts = [...groupHosts(hosts, word)].map(([state, some]) => `${some.length} ${state}`)
  const left = leftOut > 0 ? `; --limit left out ${leftOut}` : ''
  return `${hosts.length}: ${counts.join(', ')}${left}`
}

function changeTitle({ command, outcome }: RunDocument): string {
  if (outcome === 'done' || outcome === 'moved') return 'What was changed'
  if (outcome === 'rolled-back' || outcome === 'stale') return 'Changes that were rolled back'
  if (outcome === 'pending' && command !== 'status') return 'Changes that are planned'
  return command === 'preflight' || command === 'status'
    ? 'What apply would change'
    : 'Changes that were planned'
}

function probeResult(result: ProbeResultDocument | null): Markup {
  if (!result) return html`not tried`
  return html`<span class="tag ${result.result === 'pass' ? 'ok' : 'bad'}">${result.result}</span> ${result.reason}`
}

function list(texts: readonly string[]): readonly Markup[] {
  return texts.length === 0 ? [] : [html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`]
}

function notesOn(hosts: readonly HostDocument[]): readonly string[] {
  const notes = hosts.flatMap(({ host, notes: some }) => some.map((note) => ({ host, note })))
  return [...groupHosts(notes, ({ note }) => note)].map(
    ([note, group]) =>
      `${group.length > 4 ? `${countHosts(group.length)}: ` : ''}${compactNames(group.map(({ host }) => host)).join(', ')}: ${note}`,
  )
}
