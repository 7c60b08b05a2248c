import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { tryCommand } from '../../src/probes/command.ts'

const never = new AbortController().signal
/** A command that runs for ever, known by its words even where other tests run. */
const mark = (number: number): string => `sleep ${4711 + number}.${process.pid}`

const running = (mark: string): string =>
  execFileSync('sh', ['-c', `ps -eo args | grep -F '${mark}' | grep -vc grep || :`], {
    encoding: 'utf8',
  }).trim()

describe('tryCommand', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('passes with exit code 0', async () => {
    expect(await tryCommand('test 1 -lt 2 && echo well', never)).toEqual({ kind: 'passed' })
  })

  it('fails with the exit code and the last line, without control characters', async () => {
    const command = "echo one; printf 'no\\tluck \\033[31m\\n\\n' >&2; exit 3"
    const answer = await tryCommand(command, never)
    expect(answer).toEqual({ kind: 'failed', reason: 'exit code 3: no luck  [31m' })
  })

  it('says which signal ended it', async () => {
    const answer = await tryCommand('kill -TERM $$', never)
    expect(answer).toEqual({ kind: 'failed', reason: 'ended by SIGTERM' })
  })

  it('reads nothing and drains what is printed', async () => {
    const command = 'cat; head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2'
    expect(await tryCommand(command, never)).toEqual({ kind: 'passed' })
  })

  it('is not held up by what it leaves running, and leaves nothing running', async () => {
    expect(await tryCommand(`${mark(1)} & exit 0`, never)).toEqual({ kind: 'passed' })
    await expect.poll(() => running(mark(1))).toBe('0')
  })

  it('lets the program end though something that has left the process group holds its pipes', () => {
    const url = new URL('../../src/probes/command.ts', import.meta.url)
    const code = `import { tryCommand } from '${url}'
      const { kind } = await tryCommand('setsid ${mark(3)} & exit 0', new AbortController().signal)
      console.log(kind)`
    const words = ['--import', 'tsx', '--input-type=module', '--eval', code]
    const said = execFileSync(process.execPath, words, { encoding: 'utf8', timeout: 50_000 })
    expect(said).toBe('passed\n')
    execFileSync('sh', [
      '-c',
      `kill $(ps -eo pid,args | awk '/[s]${mark(3).slice(1)}$/ { print $1 }')`,
    ])
  })

  it('is killed with all it has started when the signal comes', async () => {
    const controller = new AbortController()
    const trying = tryCommand(`trap '' TERM; ${mark(2)} & ${mark(2)}`, controller.signal)
    await expect.poll(() => running(mark(2))).not.toBe('0')
    controller.abort()
    expect(await trying).toMatchObject({ kind: 'failed' })
    await expect.poll(() => running(mark(2))).toBe('0')
  })

  it('does not get the settings of fw-run, which may hold a password', async () => {
    vi.stubEnv('FW_RUN_EXTRA_VARS', 'ansible_password=secret')
    expect(await tryCommand('! env | grep FW_RUN', never)).toEqual({ kind: 'passed' })
  })
})
