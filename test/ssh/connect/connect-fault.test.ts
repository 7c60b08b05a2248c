import { describe, expect, it } from 'vitest'
import { type ConnectStep, recogniseConnectCause } from '../../../src/ssh/connect/connect-cause.ts'
import { connectFault } from '../../../src/ssh/connect/connect-fault.ts'
import type { Offers } from '../../../src/ssh/connect/opening.ts'
import type { HostAccess } from '../../../src/ssh/host-access.ts'
import { accessAt } from '../host-access.ts'

const nothing: Offers = { keyExchanges: [], hostKeys: [], ciphers: [], macs: [] }

function faultOf(
  error: { message: string; code?: string },
  step: ConnectStep,
  offers: Partial<Offers> = {},
) {
  const cause = recogniseConnectCause(error, step)
  return connectFault(cause, accessAt(22), error.message, { ...nothing, ...offers })
}

const noKeyExchange = { message: 'Handshake failed: no matching key exchange algorithm' }

describe('connectFault', () => {
  it.each([
    ['ECONNREFUSED', /port 22 refused the connection/, /sshd runs/],
    ['EHOSTUNREACH', /no route to 127\.0\.0\.1 port 22 \(EHOSTUNREACH\)/, /the host is up/],
    ['ENETUNREACH', /no route/, /the host is up/],
    ['EHOSTDOWN', /no route/, /the host is up/],
    ['ENOTFOUND', /name 127\.0\.0\.1 is not known to DNS/, /ansible_host/],
    ['EAI_AGAIN', /name server does not answer/, /resolv\.conf/],
    ['ETIMEDOUT', /port 22 does not answer/, /firewall may drop/],
  ])('says what %s means and what to do', (code, reason, remedy) => {
    const fault = faultOf({ code, message: code }, 'dialling')
    expect(fault.stage).toBe('connect')
    // A name that nobody knows is a slip in the inventory, and a host that refuses is up.
    const isHeardOf = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)
    const silence = /UNREACH|HOSTDOWN/.test(code) ? 'no-route' : 'no-answer'
    expect(fault.silence).toBe(isHeardOf ? undefined : silence)
    expect(fault.reason).toMatch(reason)
    expect(fault.remedy).toMatch(remedy)
  })

  it('takes nothing for silence that a ProxyCommand may have said, or a bastion without a known reason', () => {
    const openssh = { proxyCommand: 'nc %h %p' } as HostAccess['openssh']
    for (const access of [accessAt(22, { openssh }), accessAt(22)])
      for (const cause of ['no-route', 'no-answer', 'not-reached'] as const)
        expect(connectFault(cause, access, 'words').silence).toBe(
          access.openssh || cause === 'not-reached' ? undefined : cause,
        )
    expect(connectFault('rejected', accessAt(22), '').silence).toBeUndefined()
  })

  it('takes an end before the banner for too many logins at sshd, a later one for what the log must say', () => {
    const reset = { code: 'ECONNRESET', message: 'read ECONNRESET' }
    expect(faultOf(reset, 'awaiting-banner').remedy).toMatch(/MaxStartups.*--forks.*fail2ban/)
    const via = { name: 'bastion b' } as HostAccess['via']
    expect(connectFault('closed-early', accessAt(22, { via }), '').remedy).toContain(
      'refuses the address of the bastion b: check',
    )
    for (const step of ['awaiting-banner', 'exchanging-keys'] as const)
      expect(faultOf(reset, step).silence).toBeUndefined()
    expect(faultOf(reset, 'exchanging-keys')).toMatchObject({
      reason: 'The connection to 127.0.0.1 port 22 failed (read ECONNRESET).',
      remedy: expect.stringContaining('log of sshd'),
    })
  })

  it.each([
    [
      ['sntrup761x25519-sha512@openssh.com', 'kex-strict-s-v00@openssh.com'],
      /only post-quantum.*curve25519/,
    ],
    [['mlkem768x25519-sha256'], /only post-quantum.*curve25519/],
    [['diffie-hellman-group1-sha1', 'ext-info-s'], /^Update its sshd/],
    [[], /^Update its sshd/],
  ])('advises for a host that offers the key exchanges %j: %s', (keyExchanges, remedy) => {
    expect(faultOf(noKeyExchange, 'exchanging-keys', { keyExchanges }).remedy).toMatch(remedy)
  })

  it('names at most five of what a host offers, and only what is a name', () => {
    const said = (keyExchanges: string[]) =>
      faultOf(noKeyExchange, 'exchanging-keys', { keyExchanges }).reason.replace(
        /^.*fw-run supports/,
        '',
      )
    expect(said(['a', 'b', 'c', 'd', 'e'])).toBe(': it offers a, b, c, d, e.')
    expect(said(['a', 'b', 'c', 'd', 'e', 'f'])).toBe(': it offers a, b, c, d, e, ….')
    expect(said(['', 'kex-strict-s-v00@openssh.com', 'ext-info-s', '\u001b[31m', 'x y'])).toBe('.')
    expect(said(['x'.repeat(64), 'x'.repeat(65)])).toBe(`: it offers ${'x'.repeat(64)}.`)
  })

  it('names the host keys of a host that has none of our types', () => {
    const error = { message: 'Handshake failed: no matching host key format' }
    const fault = faultOf(error, 'exchanging-keys', { hostKeys: ['ssh-dss'] })
    expect(fault.reason).toMatch(/no host key of a type that fw-run supports: it offers ssh-dss\.$/)
    expect(fault.remedy).toContain('HostKeyAlgorithms')
  })
})
