import { compactNames } from '../../text/host-list.ts'
import { phaseWords } from '../../words/phases.ts'
import { protectionWords } from '../../words/protection.ts'
import type { Heading, Moment } from '../document.ts'
import { html, type Markup, table } from './markup.ts'

/** One line: what began when, for how long, and how well. Times are in milliseconds since the start. */
interface Line {
  readonly at: number
  readonly took?: number
  readonly words: string
  readonly kind: '' | 'bad' | 'warn'
}

/** What happened when, with a bar for each phase. */
export function timeline({ started, ended, timeline: moments = [] }: Heading): readonly Markup[] {
  const start = Date.parse(started)
  const whole = Math.max(1, Date.parse(ended) - start)
  const lines = moments.flatMap((moment, index): readonly Line[] => {
    const at = Date.parse(moment.time) - start
    if (moment.kind === 'phase-started') {
      const end = moments
        .slice(index)
        .find((one) => one.kind === 'phase-ended' && one.phase === moment.phase)
      const took = end ? Date.parse(end.time) - start - at : whole - at
      return moment.count === 0 ? [] : [{ at, took, words: phaseLine(moment), kind: '' }]
    }
    const told = wordsOf(moment)
    return told ? [{ at, ...told }] : []
  })
  const rows = lines.map(
    ({ at, took, words, kind }) =>
      html`<tr><td class="n">${(at / 1000).toFixed(2)} s</td><td class="bar">${took === undefined ? undefined : bar(at / whole, took / whole)}</td><td><span class="${kind}">${words}${took === undefined ? '' : `, ${(took / 1000).toFixed(2)} s`}</span></td></tr>\n`,
  )
  return table(['After', '', 'What happened'], rows, 'time')
}

function bar(from: number, part: number): Markup {
  const percent = (share: number): string =>
    `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`
  return html`<div style="margin-left:${percent(from)};width:${percent(part)}"></div>`
}

function phaseLine({ phase, count }: Extract<Moment, { kind: 'phase-started' }>): string {
  const [one, many] = phase === 'probe' ? ['probe', 'probes'] : ['host', 'hosts']
  return `${titleOf(phase)}: ${count} ${count === 1 ? one : many}`
}

/** A phase for a person. */
export function titleOf(phase: string): string {
  return Object.hasOwn(phaseWords, phase) ? phaseWords[phase as keyof typeof phaseWords] : phase
}

function wordsOf(
  moment: Exclude<Moment, { kind: 'phase-started' }>,
): Pick<Line, 'words' | 'kind'> | undefined {
  switch (moment.kind) {
    case 'host-done':
      return { words: `${moment.host}: ${moment.detail ?? 'failed'}`, kind: 'bad' }
    case 'probe-done':
      return { words: `probe ${moment.probe}: ${moment.detail ?? 'failed'}`, kind: 'bad' }
    case 'warning':
      return { words: `warning: ${moment.message}`, kind: 'warn' }
    case 'decided':
      return { words: 'Decided: all hosts keep the change', kind: '' }
    case 'wave-started':
      return {
        words: `Wave ${moment.wave} of ${moment.of}: ${compactNames(moment.names).join(', ')}`,
        kind: '',
      }
    case 'interrupted':
      return { words: 'Interrupted by the user', kind: 'warn' }
    case 'protection-changed':
      return {
        words: `${compactNames(moment.hosts).join(', ')}: ${protectionWords[moment.after]}`,
        kind: moment.after === 'protected' ? '' : 'warn',
      }
    case 'phase-ended':
      return undefined
  }
}
