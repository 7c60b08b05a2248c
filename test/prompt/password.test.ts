import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { passwordPrompt } from '../../src/prompt/password.ts'
import type { Terminal } from '../../src/prompt/terminal.ts'

const never = new AbortController().signal

function endsOf(input: PassThrough, output: PassThrough): Terminal {
  return { input, output, close: () => void output.end() }
}

describe('passwordPrompt', () => {
  let stdin: PassThrough & { isTTY?: boolean }
  let stderr: PassThrough & { isTTY?: boolean }
  let screen: string
  beforeEach(() => {
    stdin = new PassThrough()
    stderr = new PassThrough()
    screen = ''
    stderr.on('data', (chunk) => {
      screen += chunk
    })
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as never)
    vi.spyOn(process, 'stderr', 'get').mockReturnValue(stderr as never)
  })
  afterEach(() => void vi.restoreAllMocks())

  const onTerminal = (): void => {
    stdin.isTTY = true
    stderr.isTTY = true
  }

  it('takes a line of stdin for each question, and prints neither', async () => {
    const prompt = passwordPrompt(never)
    stdin.end('one\n two \nthree')
    expect((await prompt.ask('SSH password')).reveal()).toBe('one')
    expect((await prompt.ask('sudo password')).reveal()).toBe(' two ')
    expect((await prompt.ask('passphrase')).reveal()).toBe('three')
    expect(screen).toBe('')
  })

  it('refuses to go on without an answer', async () => {
    const prompt = passwordPrompt(never)
    stdin.end('one\n')
    await prompt.ask('SSH password')
    await expect(prompt.ask('sudo password')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('"sudo password"'),
    })
  })

  it('does not wait at a terminal on which the question cannot be seen', async () => {
    stdin.isTTY = true
    const prompt = passwordPrompt(never, () => undefined)
    await expect(prompt.ask('SSH password')).rejects.toMatchObject({ code: 'usage' })
  })

  it('asks at the terminal itself where stderr goes into a pipe', async () => {
    stdin.isTTY = true
    const terminal = new PassThrough()
    let shown = ''
    terminal.on('data', (chunk) => {
      shown += chunk
    })
    const prompt = passwordPrompt(never, () => endsOf(stdin, terminal))
    const answer = prompt.ask('SSH password')
    await expect.poll(() => shown).toContain('SSH password')
    stdin.write('Pa55w0rd\r')
    expect((await answer).reveal()).toBe('Pa55w0rd')
    prompt.close()
    expect(shown + screen).not.toContain('Pa55')
    expect(screen).toBe('')
    expect(terminal.writableEnded).toBe(true)
  })

  it('asks at the terminal itself where stdin had the inventory', async () => {
    stdin.resume().end('nodes')
    await once(stdin, 'end')
    const [keys, terminal] = [new PassThrough(), new PassThrough()]
    const prompt = passwordPrompt(never, () => endsOf(keys, terminal))
    const answer = prompt.ask('sudo password')
    await once(terminal, 'readable')
    keys.write('Pa55w0rd\r')
    expect((await answer).reveal()).toBe('Pa55w0rd')
    prompt.close()
    expect(terminal.writableEnded).toBe(true)
  })

  it('refuses to go on where stdin had the inventory and there is no terminal', async () => {
    stdin.resume().end('nodes')
    await once(stdin, 'end')
    const prompt = passwordPrompt(never, () => undefined)
    await expect(prompt.ask('sudo password')).rejects.toMatchObject({ code: 'usage' })
  })

  it('asks at another terminal after the first one was closed', async () => {
    stdin.isTTY = true
    const shown: string[] = []
    const prompt = passwordPrompt(never, () => {
      const terminal = new PassThrough()
      const at = shown.push('') - 1
      terminal.on('data', (chunk) => {
        shown[at] += chunk
      })
      return endsOf(stdin, terminal)
    })
    for (const at of [0, 1]) {
      const answer = prompt.ask('sudo password')
      await vi.waitFor(() => expect(shown[at]).toContain('sudo password'))
      stdin.write('secret\r')
      expect((await answer).reveal()).toBe('secret')
      prompt.close()
    }
  })

  it('ends its wait for a line on Ctrl-C', async () => {
    const interrupt = new AbortController()
    const answer = passwordPrompt(interrupt.signal).ask('SSH password')
    interrupt.abort()
    await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('shows nothing of the answer where inquirer would, on Ctrl+T', async () => {
    onTerminal()
    const answer = passwordPrompt(never).ask('SSH password')
    await expect.poll(() => screen).toContain('SSH password')
    stdin.write('Pa55w0rd\u0014')
    stdin.write('x')
    stdin.write('\r')
    expect((await answer).reveal()).toContain('Pa55w0rd')
    expect(screen).not.toContain('Pa55')
  })

  it('releases stdin, which would keep the program alive', async () => {
    const prompt = passwordPrompt(never)
    stdin.write('one\n')
    await prompt.ask('SSH password')
    expect(stdin.destroyed).toBe(false)
    prompt.close()
    expect(stdin.destroyed).toBe(true)
  })

  it('leaves a terminal open that it has not read', () => {
    passwordPrompt(never).close()
    expect(stdin.destroyed).toBe(false)
  })

  it('asks on a terminal, and shows nothing of the answer', async () => {
    onTerminal()
    const answer = passwordPrompt(never).ask('SSH password')
    await expect.poll(() => screen).toContain('SSH password')
    stdin.write('Pa55w0rd\r')
    expect((await answer).reveal()).toBe('Pa55w0rd')
    expect(screen).not.toMatch(/Pa55|w0rd/)
  })

  it.each([
    ['Ctrl-C', () => stdin.write('\u0003')],
    ['the signal', (controller: AbortController) => controller.abort()],
  ])('is interrupted by %s', async (_, interrupt) => {
    onTerminal()
    const controller = new AbortController()
    const answer = passwordPrompt(controller.signal).ask('SSH password')
    await expect.poll(() => screen).toContain('SSH password')
    interrupt(controller)
    await expect(answer).rejects.toMatchObject({ code: 'interrupted' })
  })
})
