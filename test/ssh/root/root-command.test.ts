import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { recogniseRootRefusal, rootCommand } from '../../../src/ssh/root/root-command.ts'

describe('rootCommand', () => {
  it.each(['sh', 'bash', 'dash', 'fish', 'tcsh'])('works when the login shell is %s', (shell) => {
    const { text, ready, begin } = rootCommand('none', false)
    const ran = spawnSync(shell, ['-c', text], { input: 'echo ours\n', encoding: 'utf8' })
    expect(ready.exec(ran.stdout)?.[1]).toBe('0')
    expect(ran.stdout.replace(ready, '')).toBe('ours\n')
    expect(ran.stderr.replace(begin, '')).toBe('')
  })

  it('knows the prompt of sudo and of sudo-rs, and no trace of the command itself', () => {
    const { text, prompt, ready } = rootCommand('sudo', true)
    const word = /fw-run-\w+-password/.exec(text)?.[0] ?? ''
    expect(prompt.test(`lecture\n${word}`)).toBe(true)
    expect(prompt.test(`[sudo: ${word}] Password: `)).toBe(true)
    expect(prompt.test(`+ ${text}`)).toBe(false)
    expect(prompt.test(`+ ${text}\n`)).toBe(false)
    expect(ready.test(`+ ${text}\n`)).toBe(false)
  })

  it('carries a new nonce each time and nothing that a shell would expand', () => {
    const [one, two] = [rootCommand('sudo', true).text, rootCommand('sudo', true).text]
    expect(one).not.toBe(two)
    expect(one).not.toMatch(/[!`"\\]/)
    expect(one.replace(/'[^']*'/, '')).not.toMatch(/[$();=](?<!LC_ALL=)/)
  })
})

describe('recogniseRootRefusal', () => {
  it.each([
    ['Sorry, try again.', 'wrong-password'],
    ['sudo: 1 incorrect password attempt', 'wrong-password'],
    ['sudo: Authentication failed, try again.', 'wrong-password'],
    ['sudo: a password is required', 'password-needed'],
    ['sudo-rs: interactive authentication is required', 'password-needed'],
    ['deploy is not in the sudoers file.', 'no-sudo-right'],
    ["Sorry, user deploy is not allowed to execute '/bin/sh' as root on node1.", 'no-sudo-right'],
    ["sudo: I'm sorry deploy. I'm afraid I can't do that", 'no-sudo-right'],
    ['sudo: sorry, you must have a tty to run sudo', 'needs-tty'],
    ["env: 'sudo': No such file or directory", 'no-sudo'],
    ['env: ‘sudo’: No such file or directory', 'no-sudo'],
    ["env: can't execute 'sudo': No such file or directory", 'no-sudo'],
    ['sudo: Account or password is expired, reset your password and try again', 'account-expired'],
    ['WARNING: Your password has expired.', 'account-expired'],
    ['sudo: account validation failure, is your account locked?', 'account-expired'],
    ['This account is currently not available.', 'no-login-shell'],
    ['Segmentation fault', 'unknown'],
  ])('takes "%s" for %s', (words, refusal) => {
    expect(recogniseRootRefusal(words)).toBe(refusal)
  })
})
