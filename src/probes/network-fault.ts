import { printable } from '../text/printable.ts'
import { failed, type ProbeResult } from './probe-result.ts'

const words: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'the connection was reset',
    EHOSTUNREACH: 'no route to the host',
    ENETUNREACH: 'no route to the network',
    ETIMEDOUT: 'no answer',
    ENOTFOUND: 'the name is not known',
    EAI_AGAIN: 'the name server does not answer',
  }),
)

/** What an error of a socket, or of TLS on it, says of the other side. The one place that knows Node's codes for it. */
export function networkFault({ code = '', message }: NodeJS.ErrnoException): ProbeResult {
  const said = printable(message || code)
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return failed(`TLS failed (${tlsReason(message) ?? said})`)
  }
  if (isUntrusted(code)) {
    const remedy = lacksCa(code)
      ? 'Set the environment variable NODE_EXTRA_CA_CERTS to the file with the CA certificate, and run the same command again.'
      : 'Renew the certificate, or correct the name in the URL.'
    return failed(
      `certificate not trusted (${said})`,
      `${remedy} Or probe with \`tcp:\` or \`command: curl -k …\`.`,
    )
  }
  if (code.startsWith('HPE_')) return failed(`the answer is not HTTP (${said})`)
  return failed(words.get(code) ?? said)
}

/** The codes by which OpenSSL and Node refuse a certificate: X509_V_ERR_… without its prefix, and a wrong name. */
function isUntrusted(code: string): boolean {
  return /CERT|SIGNATURE|^INVALID_CA$|^HOSTNAME_MISMATCH$/.test(code)
}

/** Those of these codes that a known CA mends: not of a certificate that is out of date, or of another name. */
function lacksCa(code: string): boolean {
  return /SELF_SIGNED|^UNABLE_TO_(GET_ISSUER|VERIFY)|^CERT_UNTRUSTED$/.test(code)
}

/** The words in OpenSSL's `…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/…`. */
function tlsReason(message: string): string | undefined {
  return /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1]
}
