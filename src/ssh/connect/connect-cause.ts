import { forwardingDenied, forwardingFailed } from './forwarded-wire.ts'

/** How far a connection came: each step is reached in this order. */
export type ConnectStep = 'dialling' | 'awaiting-banner' | 'exchanging-keys' | 'logging-in'

/** What broke a connection before login; `rejected`: no route, but the host is up. Only after `closed-early` may another try succeed. */
export type ConnectCause =
  | 'refused'
  | 'no-route'
  | 'rejected'
  | 'unknown-name'
  | 'name-service-down'
  | 'no-answer'
  | 'not-forwarded'
  | 'not-reached'
  | 'closed-early'
  | 'not-ssh'
  | 'no-common-key-exchange'
  | 'no-common-host-key'
  | 'no-common-cipher'
  | 'no-common-mac'
  | 'broken'

/** The one place that knows the words of ssh2 and the codes of Node for a connection that failed. */
export function recogniseConnectCause(
  error: { readonly message: string; readonly code?: unknown },
  step: ConnectStep,
): ConnectCause {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'refused'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return 'no-route'
    case 'ENOTFOUND':
      return 'unknown-name'
    case 'EAI_AGAIN':
      return 'name-service-down'
    case 'ETIMEDOUT':
      return 'no-answer'
    case forwardingDenied:
      return 'not-forwarded'
    case forwardingFailed:
      return 'not-reached'
  }
  if (/no matching key exchange/.test(error.message)) return 'no-common-key-exchange'
  if (/no matching host key/.test(error.message)) return 'no-common-host-key'
  if (/no matching .* cipher/.test(error.message)) return 'no-common-cipher'
  if (/no matching .* MAC/.test(error.message)) return 'no-common-mac'
  if (/Invalid identification|Invalid header|Header line too long|Max greeting/.test(error.message))
    return 'not-ssh'
  return step === 'awaiting-banner' ? 'closed-early' : 'broken'
}
