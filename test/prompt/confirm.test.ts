import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { confirm } from '../../src/prompt/confirm.ts'

/** A question on a terminal of streams: what it shows, and how to type. */
function asked(seconds = 3600) {
  const input = new PassThrough()
  const output = new PassThrough()
  const controller = new AbortController()
  let screen = ''
  output.setEncoding('utf8').on('data', (text: string) => {
    screen += text
  })
  const answer = confirm(
    { statement: 'All is changed.', question: (left) => `Keep it? (${left} s) `, seconds },
    controller.signal,
    { input, output },
  )
  const isOpen = async () => {
    await vi.advanceTimersByTimeAsync(100)
    await expect.poll(() => screen).toContain('Keep it?')
  }
  return { input, controller, answer, isOpen, screen: () => screen }
}

const no = (reason: string) => ({ kind: 'no', reason })

describe('confirm', () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    })
  })
  afterEach(() => void vi.useRealTimers())

  it.each(['y', 'Y', 'yes', ' YES '])('takes %j for a yes', async (line) => {
    const { input, answer, isOpen } = asked()
    await isOpen()
    input.write(`${line}\r`)
    expect(await answer).toEqual({ kind: 'yes' })
  })

  it.each(['', 'n', 'N', 'no', ' No '])('takes %j for a no', async (line) => {
    const { input, answer, isOpen } = asked()
    await isOpen()
    input.write(`${line}\r`)
    expect(await answer).toEqual(no('the answer was no'))
  })

  it.each(['ye', 'yy', 'sure', 'nope'])('asks again after %j', async (line) => {
    const { input, answer, isOpen, screen } = asked()
    await isOpen()
    input.write(`${line}\r`)
    await expect.poll(screen).toMatch(/Please answer y or n\.\n[\s\S]*Keep it\?/)
    input.write('y\r')
    expect(await answer).toEqual({ kind: 'yes' })
  })

  it('lets the time go on while it asks again', async () => {
    const { input, answer, isOpen, screen } = asked(30)
    await isOpen()
    await vi.advanceTimersByTimeAsync(20_000)
    input.write('what?\r')
    await expect.poll(screen).toContain('Please answer y or n.')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await answer).toEqual(no('nobody said yes within 30 s'))
  })

  it('counts what was typed before the question for nothing', async () => {
    const { input, answer, isOpen } = asked()
    input.write('y\ry')
    await isOpen()
    await turn()
    input.write('\r')
    expect(await answer).toEqual(no('the answer was no'))
  })

  it('counts down and closes when the time is up', async () => {
    const { answer, screen } = asked(3)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await answer).toEqual(no('nobody said yes within 3 s'))
    expect(screen()).toMatch(/All is changed\.\n.*\(3 s\).*\(2 s\).*\(1 s\)/s)
  })

  it('takes Ctrl-C for a no', async () => {
    const { input, answer, isOpen } = asked()
    await isOpen()
    input.write('\u0003')
    expect(await answer).toEqual(no('Ctrl-C was pressed'))
  })

  it.each([
    ['Ctrl-D', (input: PassThrough) => input.write('\u0004')],
    ['the end of its input', (input: PassThrough) => input.end()],
    ['an error of its input', (input: PassThrough) => input.destroy(new Error('EIO'))],
  ])('takes %s for a no', async (_, leave) => {
    const { input, answer, isOpen } = asked()
    await isOpen()
    leave(input)
    expect(await answer).toEqual(no('the terminal was closed'))
  })

  it('closes at once when the signal comes', async () => {
    const { controller, answer, isOpen } = asked()
    await isOpen()
    controller.abort()
    expect(await answer).toEqual(no('the run was interrupted'))
  })
})
