import { PassThrough } from 'node:stream'
import {
  DefaultRenderer,
  Listr,
  ListrDefaultRendererLogLevels,
  type ListrDefaultRendererOptions,
  ListrLogger,
  ProcessOutput,
} from 'listr2'
import type { Paint } from '../../text/paint.ts'
import type { WithFlags } from '../../text/printed-commands.ts'
import { wrapText } from '../../text/wrap.ts'
import { interruption } from '../../words/interruption.ts'
import type { Progress } from '../progress.ts'
import {
  headline,
  isCutShort,
  openTally,
  type PhaseTally,
  tallyDone,
  waitingWords,
  waveLine,
} from './phase-line.ts'

/** How many hosts in trouble are shown by name under a phase. */
const maxNamed = 5

/** A phase on the screen. `end` resolves when it has ended. */
interface View {
  readonly tally: PhaseTally
  readonly end: Promise<void>
  ended: () => void
  redraw: () => void
}

/** Draws also where stdout, which it does not write to, is no terminal; and at once, before hosts keep us busy. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true
  override async render(): Promise<void> {
    await super.render()
    this.update()
  }
}

/**
 * Progress on a terminal: one line a phase with a counter, who is missing, and the few hosts in trouble. One row for
 * each host would cost listr2 seconds of CPU with hundreds of hosts.
 */
export async function terminalProgress(
  stream: NodeJS.WriteStream,
  paint: Paint,
  looksOnly: boolean,
  withFlags: WithFlags = (text) => text,
): Promise<Progress> {
  await warmUp()
  const processOutput = new ProcessOutput(stream, stream)
  let view: View | undefined
  let notice = ''
  let tail: Promise<unknown> = Promise.resolve()

  const draw = (opened: View): Promise<unknown> =>
    new Listr<unknown, typeof StderrRenderer>(
      [{ title: headline(opened.tally), task: (_, task) => follow(opened, task, () => notice) }],
      {
        renderer: StderrRenderer,
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: {
          formatOutput: 'truncate',
          logger: new ListrLogger({ useIcons: true, processOutput, toStderr: [] }),
          color: colours(paint),
        },
      },
    ).run()
  const write = (text: string): void => {
    tail = tail.then(() => stream.write(`${wrapText(withFlags(text), stream.columns)}\n`))
  }

  return {
    show(event) {
      switch (event.kind) {
        case 'phase-started': {
          if (event.names.length === 0) return
          const opened = openView(openTally(event))
          view = opened
          tail = tail.then(() => draw(opened))
          break
        }
        case 'host-done':
        case 'probe-done':
          if (view) tallyDone(view.tally, event)
          view?.redraw()
          break
        case 'phase-ended':
          if (view) view.tally.interrupted = notice !== ''
          view?.ended()
          view = undefined
          break
        case 'interrupted':
          notice = wrapText(withFlags(interruption(event, looksOnly)), roomFor(stream))
          if (view) view.redraw()
          else write(notice)
          break
        case 'wave-started':
          write(waveLine(event))
          break
        case 'warning':
          write(`warning: ${event.message}`)
          break
        default:
          break
      }
    },
    flushed: async () => {
      await tail
    },
  }
}

/** How many columns a line below a phase has: listr2 cuts it off there, by the columns of stdout. */
function roomFor({ columns = 80 }: NodeJS.WriteStream): number {
  return Math.min(columns, process.stdout.columns ?? 80) - 6
}

/** Loads what listr2 loads when it first draws: it must not come to that only when hosts keep the program busy. */
async function warmUp(): Promise<void> {
  const nowhere = new PassThrough() as unknown as NodeJS.WriteStream
  const logger = new ListrLogger({ processOutput: new ProcessOutput(nowhere, nowhere) })
  await new Listr<unknown, typeof StderrRenderer>([], {
    renderer: StderrRenderer,
    registerSignalListeners: false,
    rendererOptions: { logger },
  }).run()
}

/** The colours of the marks before phases: by our own choice, because listr2 looks at stdout. */
function colours(paint: Paint): NonNullable<ListrDefaultRendererOptions['color']> {
  const { COMPLETED, FAILED, PENDING, WAITING } = ListrDefaultRendererLogLevels
  const painted = (style: Parameters<Paint>[0]) => (text?: string) => paint(style, text ?? '')
  return {
    [COMPLETED]: painted('green'),
    [FAILED]: painted('red'),
    [PENDING]: painted('yellow'),
    [WAITING]: painted('dim'),
  }
}

function openView(tally: PhaseTally): View {
  let ended = (): void => {}
  const end = new Promise<void>((resolve) => {
    ended = resolve
  })
  return { tally, end, ended, redraw() {} }
}

/** Draws a phase whenever something happens and each second; rejects where it did not end well, for listr2 to show that. */
async function follow(
  view: View,
  task: { title: string; output: unknown },
  notice: () => string,
): Promise<void> {
  const { tally } = view
  view.redraw = () => {
    task.title = headline(tally)
    const lines = [notice(), waitingWords(tally), ...named(tally.troubles)]
    task.output = lines.filter(Boolean).join('\n')
  }
  view.redraw()
  const clock = setInterval(() => view.redraw(), 1000)
  await view.end
  clearInterval(clock)
  view.redraw()
  if (tally.troubles.length > 0 || isCutShort(tally)) {
    throw new Error([task.title, ...named(tally.troubles)].join('\n'))
  }
}

function named(troubles: readonly string[]): readonly string[] {
  const rest = troubles.length - maxNamed
  return [...troubles.slice(0, maxNamed), ...(rest > 0 ? [`… and ${rest} more`] : [])]
}
