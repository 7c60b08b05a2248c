import { interruption, phaseWords } from './phase-words.ts'
import type { Progress } from './progress.ts'

/** Progress for a log or a pipe: a line when a phase ends, and one for each host in trouble. */
export function plainProgress(stream: NodeJS.WriteStream): Progress {
  let hosts = 0
  let good = 0
  return {
    show(event) {
      switch (event.kind) {
        case 'phase-started':
          hosts = event.hosts
          good = 0
          break
        case 'host-done':
          if (event.ok) good += 1
          else
            stream.write(`${phaseWords[event.phase]}: ${event.host}: ${event.detail ?? 'failed'}\n`)
          break
        case 'phase-ended':
          stream.write(`${phaseWords[event.phase]}: ${good} of ${hosts} hosts\n`)
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
