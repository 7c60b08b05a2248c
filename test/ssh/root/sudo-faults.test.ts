import { describe, expect, it } from 'vitest'
import { recogniseRootRefusal } from '../../../src/ssh/root/sudo-faults.ts'

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
