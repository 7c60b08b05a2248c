import type { RunEvent } from '../../events.ts'
import type { WithFlags } from '../../text/printed-commands.ts'
import { wrapText } from '../../text/wrap.ts'
import { interruption } from '../../words/interruption.ts'
import { phaseWords } from '../../words/phases.ts'
import type { Progress } from '../progress.ts'
import {
  headline,
  openTally,
  type PhaseTally,
  tallyDone,
  waitingWords,
  waveLine,
} from './phase-line.ts'

/** Progress for a log or a pipe: a line when a phase ends, and one for each host or probe in trouble. */
export function logProgress(
  stream: NodeJS.WriteStream,
  looksOnly: boolean,
  withFlags: WithFlags = (text) => text,
): Progress {
  let tally: PhaseTally | undefined
  let interrupted = false
  // A terminal that cannot draw has its progress in lines, too.
  const say = (line: string): void => {
    stream.write(`${wrapText(withFlags(line), stream.isTTY ? stream.columns : undefined)}\n`)
  }
  const done = (event: Extract<RunEvent, { kind: 'host-done' | 'probe-done' }>): void => {
    if (!tally) return
    tallyDone(tally, event)
    if (!event.ok) say(`${phaseWords[tally.started.phase]}: ${tally.troubles.at(-1)}`)
  }
  const ended = (): void => {
    if (!tally || tally.started.names.length === 0) return
    tally.interrupted = interrupted
    const what = tally.started.phase === 'probe' ? 'probes' : 'hosts'
    say(headline(tally).replace(/ of \d+/, `$& ${what}`))
  }
  return {
    show(event) {
      switch (event.kind) {
        case 'phase-started':
          tally = openTally(event)
          if (event.phase === 'watch' || event.phase === 'hold')
            say(`${phaseWords[event.phase]}: ${waitingWords(tally)}`)
          break
        case 'wave-started':
          say(waveLine(event))
          break
        case 'host-done':
        case 'probe-done':
          done(event)
          break
        case 'phase-ended':
          ended()
          break
        case 'interrupted':
          interrupted = true
          say(interruption(event, looksOnly))
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
