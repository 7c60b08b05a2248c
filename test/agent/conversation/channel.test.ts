import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openChannel } from '../../../src/agent/conversation/channel.ts'
import type { RootShell } from '../../../src/ssh/root-shell.ts'
import type { ProgramEnd } from '../../../src/ssh/transport.ts'

describe('openChannel', () => {
  /** A shell that answers nothing by itself. */
  function muteShell(): { shell: RootShell; written: string[]; end: (end: ProgramEnd) => void } {
    const written: string[] = []
    let end: (end: ProgramEnd) => void = () => {}
    const ended = new Promise<ProgramEnd>((resolve) => {
      end = resolve
    })
    const stdout = new PassThrough({ encoding: 'utf8' })
    const shell: RootShell = {
      write: (text) => written.push(text),
      stdout,
      stderrTail: () => 'sh: out of memory\n',
      ended,
      end: () => end({ kind: 'exited', code: 0 }),
    }
    return { shell, written, end }
  }

  it('counts a request as lost when the connection goes, and sends nothing after it', async () => {
    const { shell, written, end } = muteShell()
    const channel = openChannel(shell, 30, 60, 'forward')
    const reply = channel.request(['facts', 'x'])
    end({ kind: 'lost', reason: 'the host no longer answers' })
    const lost = {
      kind: 'lost',
      sent: true,
      unheard: false,
      reason: 'the connection was lost (the host no longer answers); it said: sh: out of memory',
    }
    expect(await reply).toEqual(lost)
    expect(await channel.request(['apply', 'x'])).toEqual({ ...lost, sent: false })
    expect(written).toHaveLength(1)
    expect(channel.requests()).toBe(1)
  })

  it('knows when the host ended the session because it heard nothing', async () => {
    const { shell, written, end } = muteShell()
    const mark = (): string => /fw-run-[0-9a-f]{24}/.exec(written.join(''))?.[0] ?? ''
    const channel = openChannel(
      { ...shell, stderrTail: () => `${mark()} unheard\n` },
      30,
      60,
      'forward',
    )
    const reply = channel.request(['facts', 'x'])
    end({ kind: 'exited', code: 0 })
    expect(await reply).toMatchObject({ kind: 'lost', unheard: true })
  })

  it('says plainly that a host could not start a process, and what else it said', async () => {
    const { shell, written, end } = muteShell()
    const mark = (): string => /fw-run-[0-9a-f]{24}/.exec(written.join(''))?.[0] ?? ''
    const stderrTail = (): string => `sh: 9: Cannot fork\n${mark()} unstarted\n`
    const channel = openChannel({ ...shell, stderrTail }, 30, 60, 'forward')
    const reply = channel.request(['facts', 'x'])
    end({ kind: 'exited', code: 0 })
    expect(await reply).toMatchObject({
      kind: 'lost',
      unheard: false,
      reason:
        'the host could not start another process: it has reached a limit of processes (pids), or it has too little memory; it said: sh: 9: Cannot fork',
    })
  })

  it('gives up on a host that does not answer in time, and ends the session', async () => {
    const { shell } = muteShell()
    const channel = openChannel(shell, 0.05, 60, 'forward')
    expect(await channel.request(['facts', 'x'])).toEqual({
      kind: 'lost',
      sent: true,
      unheard: false,
      reason: "no answer to 'facts' within 0.05 s",
    })
    expect(await shell.ended).toEqual({ kind: 'exited', code: 0 })
  })

  it('ends the session of a host whose answer never ends', async () => {
    const { shell } = muteShell()
    const channel = openChannel(shell, 30, 60, 'forward')
    const reply = channel.request(['facts', 'x'])
    const stdout = shell.stdout as PassThrough
    for (let chunk = 0; chunk < 70; chunk++) stdout.write(Buffer.alloc(2 ** 20, 'x'))
    expect(await reply).toMatchObject({
      kind: 'lost',
      sent: true,
      reason: 'the answer of the host is longer than 64 million characters',
    })
    expect(await shell.ended).toEqual({ kind: 'exited', code: 0 })
  })

  it('puts an answer together that comes in pieces, also of several bytes a character', async () => {
    const { shell, written } = muteShell()
    const channel = openChannel(shell, 30, 60, 'forward')
    const reply = channel.request(['facts', 'x'])
    const mark = /agent '(\S+)'/.exec(written[0] ?? '')?.[1]
    const answer = `noise\n${mark} begin system\nümlaut\n\n${mark} end 0\n${mark} done\n`
    for (const byte of Buffer.from(answer)) (shell.stdout as PassThrough).write(Buffer.from([byte]))
    const answered = await reply
    expect(answered.kind === 'answered' && [...answered.sections]).toEqual([
      ['system', { text: 'ümlaut', code: 0 }],
    ])
    channel.end()
  })
})
