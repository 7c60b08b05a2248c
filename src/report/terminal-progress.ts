import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { Phase } from '../events.ts'
import { interruption, phaseWords } from './phase-words.ts'
import type { Progress } from './progress.ts'
import { wrapLines } from './wrap.ts'

/** How many hosts in trouble are shown by name under a phase. */
const shown = 5

interface View {
  readonly title: string
  readonly all: number
  readonly troubles: string[]
  done: number
  ended: () => void
  readonly end: Promise<void>
  redraw: () => void
}

/** Draws also where stdout, which it does not write to, is no terminal. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true
}

/**
 * Progress on a terminal: one line a phase with a counter, and the few hosts in trouble. One row for each host would
 * cost listr2 seconds of CPU with hundreds of hosts.
 */
export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const processOutput = new ProcessOutput(stream, stream)
  let view: View | undefined
  let notice = ''
  let tail: Promise<unknown> = Promise.resolve()

  const draw = (opened: View): Promise<unknown> =>
    new Listr<unknown, typeof StderrRenderer>(
      [{ title: opened.title, task: (_, task) => follow(opened, task, () => notice) }],
      {
        renderer: StderrRenderer,
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: {
          formatOutput: 'truncate',
          logger: new ListrLogger({ useIcons: true, processOutput, toStderr: [] }),
        },
      },
    ).run()

  return {
    show(event) {
      if (event.kind === 'phase-started') {
        const all = event.phase === 'probe' ? event.probes : event.hosts
        if (all === 0) return
        const opened = openView(event.phase, all)
        view = opened
        tail = tail.then(() => draw(opened))
      } else if ((event.kind === 'host-done' || event.kind === 'probe-done') && view) {
        const name = event.kind === 'probe-done' ? event.probe : event.host
        view.done += 1
        if (!event.ok) view.troubles.push(`${name}: ${event.detail ?? 'failed'}`)
        view.redraw()
      } else if (event.kind === 'phase-ended') {
        view?.ended()
        view = undefined
      } else if (event.kind === 'interrupted') {
        notice = interruption(event)
        if (view) view.redraw()
        else tail = tail.then(() => stream.write(`${interruption(event)}\n`))
      } else if (event.kind === 'warning') {
        const lines = wrapLines([`warning: ${event.message}`], stream.columns)
        tail = tail.then(() => stream.write(`${lines.join('\n')}\n`))
      }
    },
    flushed: async () => {
      await tail
    },
  }
}

function openView(phase: Phase | 'probe', all: number): View {
  let ended = (): void => {}
  const end = new Promise<void>((resolve) => {
    ended = resolve
  })
  return { title: phaseWords[phase], all, troubles: [], done: 0, ended, end, redraw() {} }
}

async function follow(
  view: View,
  task: { title: string; output: unknown },
  notice: () => string,
): Promise<void> {
  view.redraw = () => {
    task.title = `${view.title}: ${view.done - view.troubles.length} of ${view.all}`
    task.output = [notice(), summary(view.troubles)].filter(Boolean).join('\n')
  }
  view.redraw()
  await view.end
  view.redraw()
  if (view.troubles.length > 0) throw new Error(`${task.title}\n${summary(view.troubles)}`)
}

function summary(troubles: readonly string[]): string {
  const rest = troubles.length - shown
  return [...troubles.slice(0, shown), ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n')
}
