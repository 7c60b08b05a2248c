import type { Phase } from '../events.ts'
import { interruption, phaseWords } from './phase-words.ts'
import type { Progress } from './progress.ts'

/** Progress for a log or a pipe: a line when a phase ends, and one for each host in trouble. */
export function plainProgress(stream: NodeJS.WriteStream): Progress {
  let all = 0
  let good = 0
  const count = (phase: Phase | 'probe', name: string, ok: boolean, detail = 'failed'): void => {
    if (ok) good += 1
    else stream.write(`${phaseWords[phase]}: ${name}: ${detail}\n`)
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
          stream.write(
            `${phaseWords[event.phase]}: ${good} of ${all} ${event.phase === 'probe' ? 'probes' : 'hosts'}\n`,
          )
          break
        case 'interrupted':
          stream.write(`${interruption}\n`)
          break
        case 'warning':
          stream.write(`warning: ${event.message}\n`)
          break
        default:
          break
      }
    },
    settled: async () => {},
  }
}
