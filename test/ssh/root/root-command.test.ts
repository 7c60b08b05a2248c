import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { rootCommand } from '../../../src/ssh/root/root-command.ts'
import { bySudo } from '../../../src/ssh/root-way.ts'

describe('rootCommand', () => {
  it.each(['sh', 'bash', 'dash', 'fish', 'tcsh'])('works when the login shell is %s', (shell) => {
    const { text, ready, begin } = rootCommand('none', false)
    const ran = spawnSync(shell, ['-c', text], { input: 'echo ours\n', encoding: 'utf8' })
    expect(ready.exec(ran.stdout)?.[1]).toBe('0')
    expect(ran.stdout.replace(ready, '')).toBe('ours\n')
    expect(ran.stderr.replace(begin, '')).toBe('')
  })

  it.each([
    ['leads nothing', '(START); exit', '/usr/bin:/bin', true],
    ['leads nothing, and there is no setsid', '(START); exit', '/none', false],
    ['leads a session', 'START', '/usr/bin:/bin', true],
  ])('gives the shell a session of its own where it %s', (_, script, PATH, leads) => {
    const { text, ready, begin } = rootCommand('none', false)
    const line = script.replace('START', text)
    const ran = spawnSync('/usr/bin/setsid', ['-w', '/bin/sh', '-c', line], {
      input: 'read -r me _ _ _ _ session _ </proc/self/stat; echo $me $session\n',
      encoding: 'utf8',
      env: { PATH },
    })
    const [me, session] = ran.stdout.replace(ready, '').trim().split(' ')
    expect(Number(me)).toBeGreaterThan(1)
    expect(session === me).toBe(leads)
    expect(ran.stderr.replace(begin, '')).toBe('')
  })

  it('knows the prompt of sudo and of sudo-rs, and no trace of the command itself', () => {
    const { text, prompt, ready } = rootCommand(bySudo, true)
    const word = /fw-run-\w+-password/.exec(text)?.[0] ?? ''
    expect(prompt.test(`lecture\n${word}`)).toBe(true)
    expect(prompt.test(`[sudo: ${word}] Password: `)).toBe(true)
    expect(prompt.test(`+ ${text}`)).toBe(false)
    expect(prompt.test(`+ ${text}\n`)).toBe(false)
    expect(ready.test(`+ ${text}\n`)).toBe(false)
  })

  it('carries a new nonce each time and nothing that a shell would expand', () => {
    const [one, two] = [rootCommand(bySudo, true).text, rootCommand(bySudo, true).text]
    expect(one).not.toBe(two)
    expect(one).not.toMatch(/[!`"\\]/)
    expect(one.replace(/'[^']*'/, '')).not.toMatch(/[$();=](?<!LC_ALL=)/)
  })
})
