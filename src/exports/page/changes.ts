import { compactNames, countHosts, groupHosts } from '../../text/host-list.ts'
import type { ChangeDocument } from '../document.ts'
import { html, type Markup } from './markup.ts'

/** How many lines of one change are shown: a set may have 65,536 members. */
const maxLines = 300

interface Changing {
  readonly host: string
  readonly changes: readonly ChangeDocument[]
}

/** Each distinct change with its hosts, and beside it its undo: the same the other way round. */
export function changeParts(hosts: readonly Changing[]): readonly Markup[] {
  const changing = hosts
    .filter(({ changes }) => changes.length > 0)
    .map(({ host, changes }) => ({ host, change: diff(changes), undo: diff(undone(changes)) }))
  const key = ({ change, undo }: (typeof changing)[number]): string =>
    JSON.stringify([change, undo])
  return [...groupHosts(changing, key).values()].flatMap((group) => {
    if (!group[0]) return []
    const { change, undo } = group[0]
    const names = compactNames(group.map(({ host }) => host)).join(', ')
    return [
      html`<h3>${countHosts(group.length)}: ${names}</h3><div class="sides"><div><p class="soft">The change</p>${lines(change)}</div><div><p class="soft">How to roll it back</p>${lines(undo)}</div></div>\n`,
    ]
  })
}

function undone(changes: readonly ChangeDocument[]): readonly ChangeDocument[] {
  return changes
    .map((change) => ({ ...change, before: change.after, after: change.before }) as ChangeDocument)
    .toReversed()
}

function lines(all: readonly string[]): Markup {
  const shown = all
    .slice(0, maxLines)
    .map((line) => html`<span class="${line.startsWith('+') ? 'comes' : 'goes'}">${line}</span>\n`)
  const rest = all.length - shown.length
  const more = rest > 0 ? `… ${rest} more lines: --output json has all` : ''
  return html`<pre>${shown}${more}</pre>`
}

/** Changes in the words of the tools: `-` before what goes, `+` before what comes. */
function diff(changes: readonly ChangeDocument[]): readonly string[] {
  return changes.flatMap((change) => {
    const [before, after] = [stateLines(change, 'before'), stateLines(change, 'after')]
    const [were, are] = [new Set(before), new Set(after)]
    return [
      ...before.filter((line) => !are.has(line)).map((line) => `- ${line}`),
      ...after.filter((line) => !were.has(line)).map((line) => `+ ${line}`),
    ]
  })
}

function stateLines(change: ChangeDocument, side: 'before' | 'after'): readonly string[] {
  switch (change.kind) {
    case 'set': {
      const state = change[side]
      if (!state) return []
      const other = change[side === 'before' ? 'after' : 'before']
      const create = other ? [] : [`ipset create ${change.name} ${state.type}`]
      return [...create, ...state.members.map((member) => `ipset add ${change.name} ${member}`)]
    }
    case 'rules':
      return change[side].map(
        ({ position, rule }) => `iptables ${placed(rule, 'FORWARD', position)}`,
      )
    case 'table':
      return change[side] === null ? [] : tableLines(change[side])
    case 'chain': {
      const state = change[side]
      const tool = change.family === 4 ? 'iptables' : 'ip6tables'
      if (!state) return []
      return [
        ...state.rules.map((rule) => `${tool} -t mangle ${rule}`),
        ...state.jumps.map(
          ({ position, rule }) => `${tool} -t mangle ${placed(rule, 'PREROUTING', position)}`,
        ),
      ]
    }
    case 'boot': {
      const state = change[side]
      if (!state) return []
      const lines = (name: string, text: string | null): readonly string[] =>
        text?.split('\n').map((line) => `${name}: ${line}`) ?? []
      return [
        ...lines('/etc/fw-run/guard.sh', state.program),
        ...lines('fw-run-guard', state.service),
        ...(state.enabled ? ['fw-run-guard is enabled (with systemd: and active)'] : []),
      ]
    }
  }
}

function placed(rule: string, chain: string, position: number): string {
  return rule.replace(`-A ${chain}`, `-I ${chain} ${position}`)
}

/** The table inet fw_run without counters, which are of no change. */
export function tableLines(text: string): readonly string[] {
  return text
    .replace(/ ?\bpackets \d+ bytes \d+/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
}
