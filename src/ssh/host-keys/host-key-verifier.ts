import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { HostAccess } from '../host-access.ts'
import type { KnownHosts } from '../known-hosts.ts'
import type { SessionFault } from '../session-fault.ts'
import { hostKeyAlgorithms } from './host-key-algorithms.ts'
import { hostKeyFault } from './host-key-fault.ts'
import { knownTypes, linesFor, trustIn } from './host-key-trust.ts'

/** Verifies the key of one host. `accepts` is synchronous, because ssh2 takes a promise for a yes. */
export interface HostKeyVerifier {
  readonly algorithms: ServerHostKeyAlgorithm[]
  accepts(key: Buffer): boolean
  /** Why the key was refused; undefined as long as none was. */
  fault(): SessionFault | undefined
}

/** Prepares the verifier of one connection. After the first accepted key no other is accepted when ssh2 rekeys. */
export function hostKeyVerifier(access: HostAccess, knownHosts: KnownHosts): HostKeyVerifier {
  const lines = linesFor(knownHosts, access.address, access.port)
  let accepted: Buffer | undefined
  let fault: SessionFault | undefined
  return {
    algorithms: hostKeyAlgorithms(knownTypes(lines)),
    accepts(key) {
      if (accepted) return accepted.equals(key)
      const trust = trustIn(lines, key)
      if (trust.kind === 'trusted') accepted = Buffer.from(key)
      else fault = hostKeyFault(access, key, trust)
      return trust.kind === 'trusted'
    },
    fault: () => fault,
  }
}
