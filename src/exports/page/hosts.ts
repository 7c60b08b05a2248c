import type { HostDocument } from '../document.ts'
import { html, type Markup, table } from './markup.ts'

const colours: Readonly<Record<string, string>> = {
  ok: 'ok',
  changed: 'ok',
  protected: 'ok',
  committed: 'ok',
  untouched: 'ok',
  pending: 'warn',
  'left-out': 'warn',
  drifted: 'warn',
  'rolled-back': 'warn',
  unprotected: 'warn',
}

/** A word for a state, coloured by what it means. */
export function tag(word: string): Markup {
  return html`<span class="tag ${colours[word] ?? 'bad'}">${word}</span>`
}

/** Every host with its address, how it came out, how it is protected, and what was rejected. */
export function hostTable(hosts: readonly HostDocument[]): readonly Markup[] {
  const rows = hosts.map(
    ({ host, address, state, protection, rejected, made, changes, fault, outcome }) =>
      html`<tr><td>${host}</td><td>${address}</td><td>${tag(state)}</td><td>${tag(protection)}</td><td class="n">${(made ?? changes).length}</td><td class="n">${count(rejected?.packets)}</td><td class="n">${count(rejected?.bytes)}</td><td>${[fault && `${fault.step}: ${fault.reason}`, outcome?.left].filter(Boolean).join('; ')}</td></tr>\n`,
  )
  const heads = ['Host', 'Address', 'Result', 'Protection', 'Changes']
  const told = hosts.some(({ fault, outcome }) => fault ?? outcome?.left)
  return table(
    [...heads, 'Packets rejected', 'Bytes rejected', told ? 'What went wrong' : ''],
    rows,
  )
}

function count(number: number | undefined): string {
  return number === undefined ? '–' : number.toLocaleString('en')
}
