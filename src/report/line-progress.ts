import type { Phase } from '../events.ts'
import { interruption, phaseWords } from './phase-words.ts'
import type { Progress } from './progress.ts'
import { wrapLines } from './wrap.ts'

/** Progress for a log or a pipe: a line when a phase of any hosts ends, and one for each host in trouble. */
export function plainProgress(stream: NodeJS.WriteStream): Progress {
  let all = 0
  let good = 0
  const count = (phase: Phase | 'probe', name: string, ok: boolean, detail = 'failed'): void => {
    if (ok) good += 1
    else say(`${phaseWords[phase]}: ${name}: ${detail}`)
  }
  // A terminal without colours has its progress in lines, too.
  const say = (line: string): void => {
    stream.write(`${wrapLines([line], stream.isTTY ? stream.columns : undefined).join('\n')}\n`)
  }
  return {
    show(event) {
      switch (event.kind) {
        case 'phase-started':
          all = event.phase === 'probe' ? event.probes : event.hosts
          good = 0
          break
        case 'host-done':
          count(event.phase, event.host, event.ok, event.detail)
          break
        case 'probe-done':
          count('probe', event.probe, event.ok, event.detail)
          break
        case 'phase-ended':
          if (all === 0) break
          say(
            `${phaseWords[event.phase]}: ${good} of ${all} ${event.phase === 'probe' ? 'probes' : 'hosts'}`,
          )
          break
        case 'interrupted':
          say(interruption(event))
          break
        case 'warning':
          say(`warning: ${event.message}`)
          break
        default:
          break
      }
    },
    flushed: async () => {},
  }
}
