import { describe, expect, it } from 'vitest'
import { recogniseRootRefusal } from '../../../src/ssh/root/root-faults.ts'

describe('recogniseRootRefusal', () => {
  it.each([
    ['Sorry, try again.', 'wrong-password'],
    ['sudo: 1 incorrect password attempt', 'wrong-password'],
    ['sudo: Authentication failed, try again.', 'wrong-password'],
    ['sudo: a password is required', 'password-needed'],
    ['sudo-rs: interactive authentication is required', 'password-needed'],
    ['deploy is not in the sudoers file.', 'no-right'],
    ["Sorry, user deploy is not allowed to execute '/bin/sh' as root on node1.", 'no-right'],
    ["sudo: I'm sorry deploy. I'm afraid I can't do that", 'no-right'],
    ['sudo: sorry, you must have a tty to run sudo', 'needs-terminal'],
    ["env: 'sudo': No such file or directory", 'not-installed'],
    ['env: ‘sudo’: No such file or directory', 'not-installed'],
    ["env: can't execute 'sudo': No such file or directory", 'not-installed'],
    ['sudo: Account or password is expired, reset your password and try again', 'account-expired'],
    ['WARNING: Your password has expired.', 'account-expired'],
    ['sudo: account validation failure, is your account locked?', 'account-expired'],
    ['This account is currently not available.', 'no-login-shell'],
    ['su: Authentication failure', 'wrong-password'],
    ['su: Permission denied', 'no-right'],
    ['su: must be run from a terminal', 'needs-terminal'],
    ["env: '/opt/doas': No such file or directory", 'not-installed'],
    ['doas: Authentication failed', 'wrong-password'],
    ['doas: Authentication required', 'password-needed'],
    ['doas: Authorization required', 'password-needed'],
    ['doas: Operation not permitted', 'no-right'],
    ['Segmentation fault', 'unknown'],
  ])('takes "%s" for %s', (words, refusal) => {
    expect(recogniseRootRefusal(words)).toBe(refusal)
  })
})
