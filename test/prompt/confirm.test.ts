import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
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
  const isOpen = () => expect.poll(() => screen).toContain('Keep it?')
  return { input, controller, answer, isOpen, screen: () => screen }
}

const no = (reason: string) => ({ kind: 'no', reason })

describe('confirm', () => {
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
    const { input, answer, isOpen } = asked(1.3)
    await isOpen()
    input.write('what?\r')
    expect(await answer).toEqual(no('nobody said yes within 1.3 s'))
  })

  it('counts what was typed before the question for nothing', async () => {
    const { input, answer, isOpen } = asked()
    input.write('y\ry')
    await isOpen()
    await delay(50)
    input.write('\r')
    expect(await answer).toEqual(no('the answer was no'))
  })

  it('counts down and closes when the time is up', async () => {
    const { answer, screen } = asked(1.3)
    expect(await answer).toEqual(no('nobody said yes within 1.3 s'))
    expect(screen()).toMatch(/All is changed\.\n[\s\S]*\(2 s\)[\s\S]*\(1 s\)/)
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
