import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/secret.ts'
import type { HostAccess } from '../../../src/ssh/host-access.ts'
import type { LoginRecord } from '../../../src/ssh/login/login-attempts.ts'
import { loginFault, recogniseLoginRefusal } from '../../../src/ssh/login/login-fault.ts'
import { sharedBastion } from '../../../src/ssh/shared-bastion.ts'
import { accessAt } from '../host-access.ts'

const nothing: LoginRecord = { tried: [], methods: undefined, question: undefined }
const access = accessAt(22, { user: 'ops' })
const password = new Secret('x')

describe('recogniseLoginRefusal', () => {
  it.each([
    ['Too many authentication failures', 'too-many-attempts'],
    ['All configured authentication methods failed', 'refused'],
    ['read ECONNRESET', 'closed'],
  ])('takes "%s" for %s', (words, refusal) => {
    expect(recogniseLoginRefusal(words)).toBe(refusal)
  })
})

describe('loginFault', () => {
  it('says what was tried, what the host accepts and asked, and what was left aside', () => {
    const identities = { offers: [], leftAside: ['x is locked.', 'y is open to all.'] }
    const record = {
      tried: ['key1', 'the password'],
      methods: ['publickey', 'password\u202e\u001b[2J'],
      question: 'Code:',
    }
    expect(loginFault('refused', { ...access, identities }, record, '').reason).toBe(
      'The host refused the login as ops. Tried: key1, the password. It accepts: publickey, password [2J. It asked "Code:", which fw-run cannot answer. Not tried: x is locked. Not tried: y is open to all.',
    )
  })

  it.each<[string, Partial<HostAccess>, string[] | undefined, RegExp]>([
    [
      'nothing was tried',
      {},
      undefined,
      /authorized_keys of ops.*--private-key if .*; or run with -k/,
    ],
    [
      'only keys are accepted',
      {},
      ['publickey'],
      /name another key in the inventory .* with --private-key if the inventory names no key for that host\.$/,
    ],
    [
      'the password was wrong',
      { password },
      ['password'],
      /^Check the user name and the password\. Or put the public key into authorized_keys of ops on that host\.$/,
    ],
    [
      'keyboard-interactive refused it',
      { password },
      ['keyboard-interactive'],
      /^Check the user name and/,
    ],
    [
      'the password is not accepted',
      { password },
      ['publickey'],
      /name another key in the inventory .* with --private-key if the inventory names no key for that host\.$/,
    ],
  ])('advises where %s', (_, more, methods, remedy) => {
    const fault = loginFault('refused', { ...access, ...more }, { ...nothing, methods }, '')
    expect(fault.remedy).toMatch(remedy)
  })

  it('advises for a bastion only what is used there: its keys in the SSH configuration', () => {
    const bastion = accessAt(22, { user: 'ops', name: 'gate', isBastion: true, loginWords: [] })
    const remedy = (refusal: 'refused' | 'too-many-attempts', methods: string[]) =>
      loginFault(refusal, bastion, { ...nothing, methods }, '').remedy
    const remedies = [
      remedy('refused', ['publickey']),
      remedy('refused', ['publickey', 'keyboard-interactive']),
      remedy('too-many-attempts', ['publickey']),
    ]
    for (const each of remedies) {
      expect(each).toMatch(
        /write into the SSH configuration .*, under `Host gate`: `IdentityFile FILE`/,
      )
      expect(each).not.toMatch(/--private-key|-k\b/)
    }
    expect(remedies[2]).toContain('`IdentitiesOnly yes`')
    expect(remedies[1]).toContain('log in with `ssh gate`, and run fw-run again')
    expect(remedies.map((each) => /ControlMaster/.test(each))).toEqual([false, true, false])
  })

  it.each([
    [['-p', '2222', '-l', 'me'], 'the SSH configuration \\(', 'ssh -p 2222 -l me gate'],
    [['-F', '/my config', '-4'], "'/my config', under", "ssh -F '/my config' -4 gate"],
    [['-F', 'none', '-l', 'me'], 'the SSH configuration \\(', 'ssh -l me gate'],
  ])(
    'tells a login at a bastion that fw-run finds again, by the words %j',
    (loginWords, into, command) => {
      const bastion = accessAt(22, { name: 'gate', isBastion: true, loginWords })
      const { remedy } = loginFault('refused', bastion, nothing, '')
      expect(remedy).toMatch(new RegExp(`write into ${into}.*ControlMaster.*\`${command}\``))
      expect(/without --no-ssh-config/.test(remedy)).toBe(loginWords.includes('none'))
    },
  )

  it('names the one key to offer, the new password to set, or the log to read', () => {
    expect(loginFault('too-many-attempts', access, nothing, '').remedy).toContain('--private-key')
    expect(loginFault('password-expired', access, nothing, '').remedy).toContain(
      '`ssh -l ops 127.0.0.1`',
    )
    const behind = {
      ...access,
      port: 2222,
      destination: 'node1',
      via: sharedBastion('gate', [], '/x'),
    }
    expect(loginFault('password-expired', behind, nothing, '').remedy).toContain(
      '`ssh -p 2222 -l ops node1` through the bastion gate',
    )
    const closed = loginFault('closed', access, nothing, 'read ECONNRESET')
    expect(closed.reason).toContain('ended during the login as ops (read ECONNRESET)')
    expect(closed.remedy).toContain('log of sshd')
  })
})
