import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { HostAccess } from '../host-access.ts'
import { type KnownHosts, knownTypes, linesFor, verdict } from '../known-hosts.ts'
import type { SessionFault } from '../session-fault.ts'
import { hostKeyAlgorithms } from './host-key-algorithms.ts'
import { hostKeyFault } from './host-key-fault.ts'

/** The check of one host's key. `accepts` is synchronous, since ssh2 takes a promise for a yes. */
export interface HostKeyVerifier {
  readonly algorithms: ServerHostKeyAlgorithm[]
  accepts(key: Buffer): boolean
  /** Why the key was refused; undefined as long as none was. */
  fault(): SessionFault | undefined
}

/** Prepares the check for one connection; the first key accepted is the only one accepted at every rekey. */
export function hostKeyVerifier(access: HostAccess, knownHosts: KnownHosts): HostKeyVerifier {
  const lines = linesFor(knownHosts, access.address, access.port)
  let accepted: Buffer | undefined
  let fault: SessionFault | undefined
  return {
    algorithms: hostKeyAlgorithms(knownTypes(lines)),
    accepts(key) {
      if (accepted) return accepted.equals(key)
      const found = verdict(lines, key)
      if (found.kind === 'trusted') accepted = Buffer.from(key)
      else fault = hostKeyFault(access, key, found)
      return found.kind === 'trusted'
    },
    fault: () => fault,
  }
}
