import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import type { HostAccess } from '../../src/ssh/host-access.ts'
import { createKeyring } from '../../src/ssh/keyring.ts'
import { bySudo } from '../../src/ssh/root-way.ts'
import { openSession } from '../../src/ssh/session.ts'
import { accessTo, knowing, noIdentities, pinned } from './host-access.ts'
import { startSshAgent } from './ssh-agent.ts'
import { generateKey, type Sshd, startSshd } from './sshd.ts'

const USER = `
useradd -m -s /bin/bash free; echo free:right | chpasswd
echo 'free ALL=(root) NOPASSWD: ALL' > /etc/sudoers
`
const right = new Secret('right')
const wrong = new Secret('incorrect')

let hosts: Record<'keyboard' | 'twoFactors' | 'fewTries' | 'plain', Sshd>
beforeAll(async () => {
  const prepared = (...config: string[]) => startSshd({ prepare: USER, config })
  hosts = {
    keyboard: await prepared(
      'UsePAM yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication yes',
    ),
    twoFactors: await prepared('AuthenticationMethods publickey,password'),
    fewTries: await prepared('AuthenticationMethods publickey,password', 'MaxAuthTries 4'),
    plain: await prepared('LogLevel VERBOSE'),
  }
})
afterAll(() => {
  for (const sshd of Object.values(hosts)) sshd.stop()
})

async function login(sshd: Sshd, more: Partial<HostAccess>): Promise<string> {
  const access = await accessTo(sshd, { user: 'free', become: bySudo, ...more })
  const opened = await openSession(knowing(access, pinned(sshd, 'ed25519')), { timeoutSeconds: 60 })
  if (opened.kind === 'failed') return `${opened.fault.reason} ${opened.fault.remedy}`
  opened.session.close()
  return 'in'
}

describe('login', () => {
  it('answers a keyboard-interactive host with the password', async () => {
    const identities = noIdentities
    expect(await login(hosts.keyboard, { identities, password: right })).toBe('in')
    const told = await login(hosts.keyboard, { identities, password: wrong })
    expect(told).toContain('Tried: the password. It accepts: publickey, keyboard-interactive.')
    expect(told).toContain('Check the user name and the password. Or put the public key')
    expect(told).not.toContain('incorrect')
  })

  it('gives a key and then the password to a host that wants both', async () => {
    expect(await login(hosts.twoFactors, { password: right })).toBe('in')
    expect(await login(hosts.twoFactors, {})).toContain('It accepts: password')
  })

  it('gives the password after a key of the agent to a host that wants both and has refused another key', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fw-run-login-'))
    const agent = await startSshAgent(directory)
    agent.add(hosts.twoFactors.userKey)
    const refused = generateKey(join(directory, 'refused'), 'ed25519')
    const keyring = createKeyring({
      agentSocket: agent.socket,
      askPassphrase: () => Promise.reject(),
    })
    const files = [refused, `${hosts.twoFactors.userKey}.pub`]
    const identities = await keyring.identities(files, true)
    expect(await login(hosts.twoFactors, { identities, password: right })).toBe('in')
    agent.stop()
    rmSync(directory, { recursive: true })
  })

  it('gives the password right after a key of the agent that the host takes, whatever other keys the agent has', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fw-run-login-'))
    const agent = await startSshAgent(directory)
    agent.add(hosts.fewTries.userKey)
    for (let more = 0; more < 4; more++)
      agent.add(generateKey(join(directory, `other${more}`), 'ed25519'))
    const keyring = createKeyring({
      agentSocket: agent.socket,
      askPassphrase: () => Promise.reject(),
    })
    const configured = { files: [], only: false, agentSocket: undefined }
    const identities = await keyring.identities([], true, configured)
    expect(identities.offers).toHaveLength(5)
    expect(await login(hosts.fewTries, { identities, password: right })).toBe('in')
    expect(await login(hosts.fewTries, { identities })).toMatch(/It accepts: password\./)
    agent.stop()
    rmSync(directory, { recursive: true })
  })

  it('goes on with the password when the agent does not sign', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fw-run-login-'))
    const agent = await startSshAgent(directory)
    agent.addUnconfirmed(hosts.plain.userKey)
    const keyring = createKeyring({
      agentSocket: agent.socket,
      askPassphrase: () => Promise.reject(),
    })
    const identities = await keyring.identities([`${hosts.plain.userKey}.pub`], true)
    expect(await login(hosts.plain, { identities, password: right })).toBe('in')
    expect(await login(hosts.plain, { identities })).toContain('Tried: ssh-agent')
    agent.stop()
    rmSync(directory, { recursive: true })
  })

  it('falls back to the password when the keys are refused', async () => {
    const identities = (await accessTo(hosts.keyboard)).identities
    expect(await login(hosts.plain, { identities, password: right })).toBe('in')
  })
})
