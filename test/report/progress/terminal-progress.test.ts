import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events.ts'
import { terminalProgress } from '../../../src/report/progress/terminal-progress.ts'
import { noPaint, type Paint } from '../../../src/text/paint.ts'
import { interruption } from '../../../src/words/interruption.ts'

const connect = { phase: 'connect' } as const
const three = { hosts: 3, names: ['node1', 'node2', 'node3'] }
const started: RunEvent = { kind: 'phase-started', ...connect, ...three }
const done = (host: string): RunEvent => ({ kind: 'host-done', ...connect, host, ok: true })
const ended: RunEvent = { kind: 'phase-ended', ...connect }

/** A terminal that remembers all that was written to it. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  const parts: string[] = []
  stream.on('data', (part: Buffer) => parts.push(part.toString()))
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => parts.join('') }
}

async function shown(events: readonly RunEvent[], paint: Paint = noPaint): Promise<string> {
  const { stream, text } = terminal()
  const progress = await terminalProgress(stream, paint, false)
  for (const event of events) progress.show(event)
  await progress.flushed()
  return text()
}

describe('terminalProgress', () => {
  it('ticks a phase in which every host came to its end', async () => {
    const events = [started, done('node1'), done('node2'), done('node3'), ended]
    expect(stripVTControlCharacters(await shown(events))).toContain(
      '✔ Connect and read facts: 3 of 3',
    )
  })

  it('does not tick a phase that Ctrl-C cut short, and says so', async () => {
    const interrupted = { kind: 'interrupted', decided: false, committed: false } as const
    const text = stripVTControlCharacters(await shown([started, done('node1'), interrupted, ended]))
    expect(text).toContain('✖ Connect and read facts: 1 of 3, interrupted')
    expect(text).not.toContain('✔')
  })

  it('shows all of what Ctrl-C does, and cuts nothing off', async () => {
    const interrupted = { kind: 'interrupted', decided: true, committed: false } as const
    const text = stripVTControlCharacters(await shown([started, interrupted, ended]))
    expect(text.replace(/\s+/g, ' ')).toContain(interruption(interrupted, false))
  })

  it('draws at once, before hosts keep the program busy', async () => {
    const { stream, text } = terminal()
    const progress = await terminalProgress(stream, noPaint, false)
    progress.show(started)
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    expect(stripVTControlCharacters(text())).toContain('Connect and read facts: 0 of 3')
    progress.show(ended)
    await progress.flushed()
  })

  it('paints its marks as it is told to, whatever stdout is', async () => {
    const paint: Paint = (style, text) => `<${style}>${text}`
    const all = [started, done('node1'), done('node2'), done('node3'), ended]
    expect(await shown(all, paint)).toContain('<green>✔ Connect and read facts: 3 of 3')
  })
})
