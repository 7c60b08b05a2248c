import { hostname } from 'node:os'
import type { RunEvent } from '../events.ts'
import type { Heading, Moment } from '../exports/document.ts'
import { maxMoments } from '../limits.ts'
import type { Run } from '../runs/run.ts'
import { version } from '../version.ts'

/** Takes the events of a run as they happen, and says what every document about it holds. */
export interface Chronicle {
  readonly hear: (event: RunEvent) => void
  readonly heading: (run: Pick<Run, 'command' | 'user'>, exitCode: number) => Heading
}

/** Begins to write down when things happen. */
export function openChronicle(): Chronicle {
  const started = new Date().toISOString()
  const timeline: Moment[] = []
  return {
    hear(event) {
      const moment = momentOf(event)
      if (moment && timeline.length < maxMoments) timeline.push(moment)
    },
    heading: ({ command, user }, exitCode) => ({
      ...{ command, exitCode, started, ended: new Date().toISOString() },
      ...{ who: `${user}@${hostname()}`, version, timeline: [...timeline] },
    }),
  }
}

function momentOf(event: RunEvent): Moment | undefined {
  const time = new Date().toISOString()
  switch (event.kind) {
    case 'run-started':
      return undefined
    case 'phase-started':
      return { time, kind: event.kind, phase: event.phase, count: event.names.length }
    case 'host-done':
    case 'probe-done':
      return event.ok ? undefined : { time, ...event }
    default:
      return { time, ...event }
  }
}
