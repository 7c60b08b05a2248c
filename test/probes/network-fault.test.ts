import { describe, expect, it } from 'vitest'
import { networkFault } from '../../src/probes/network-fault.ts'

const fault = (code: string, message = '') =>
  networkFault(Object.assign(new Error(message), { code }))

describe('networkFault', () => {
  it.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ECONNRESET', 'the connection was reset'],
    ['EHOSTUNREACH', 'no route to the host'],
    ['ENETUNREACH', 'no route to the network'],
    ['ETIMEDOUT', 'no answer'],
    ['ENOTFOUND', 'the name is not known'],
    ['EAI_AGAIN', 'the name server does not answer'],
    ['EWHATEVER', 'EWHATEVER'],
  ])('says %s in words', (code, reason) => {
    expect(fault(code)).toEqual({ kind: 'failed', reason })
  })

  it.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('takes %s for a certificate that is not trusted, and says how to trust it', (code) => {
    expect(fault(code, 'why\u202e')).toEqual({
      kind: 'failed',
      reason: 'certificate not trusted (why)',
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH', 'INVALID_CA'])(
    'does not say for %s that a CA would mend it',
    (code) => {
      expect(fault(code, 'why')).toEqual({
        kind: 'failed',
        reason: 'certificate not trusted (why)',
        remedy: expect.stringMatching(/^Renew the certificate, or correct the name in the URL\./),
      })
    },
  )

  it('takes the reason out of the words of OpenSSL', () => {
    const message = '0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../x.c:1:'
    expect(fault('EPROTO', message)).toMatchObject({
      reason: 'TLS failed (wrong version number)',
    })
    expect(fault('ERR_SSL_X', 'odd')).toMatchObject({
      reason: 'TLS failed (odd)',
    })
  })
})
