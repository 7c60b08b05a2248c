import type { ServerHostKeyAlgorithm } from 'ssh2'
import type { HostAccess } from '../host-access.ts'
import { keyType } from '../keys/public-key.ts'
import type { SessionFault } from '../session-fault.ts'
import { hostKeyAlgorithms } from './host-key-algorithms.ts'
import { describeKey, hostKeyFault, unwrittenKeyFault } from './host-key-fault.ts'
import {
  type HostKeyTrust,
  knownHostsName,
  knownTypes,
  linesFor,
  trustIn,
} from './host-key-trust.ts'
import { rememberHostKey } from './remember-host-key.ts'

/** Verifies the key of one host. */
export interface HostKeyVerifier {
  readonly algorithms: ServerHostKeyAlgorithm[]
  /** Answers at once, unless a new key must be written down first. Never anything but true or false: ssh2 takes a promise for a yes. */
  verify(key: Buffer, answer: (isAccepted: boolean) => void): void
  /** Why the key was refused; undefined as long as none was. */
  fault(): SessionFault | undefined
}

/** Prepares the verifier of one connection. After the first accepted key no other is accepted when ssh2 rekeys. */
export function hostKeyVerifier(access: HostAccess): HostKeyVerifier {
  const { address, port, hostKeys } = access
  const { knownHosts, alias, acceptNew } = hostKeys
  const lines = linesFor(knownHosts, address, port, alias)
  let accepted: Buffer | undefined
  let fault: SessionFault | undefined

  const accept = (key: Buffer): boolean => {
    accepted = Buffer.from(key)
    return true
  }
  const refuse = (why: SessionFault): boolean => {
    fault = why
    return false
  }
  async function acceptNewKey(key: Buffer, { file, hash, heard }: NonNullable<typeof acceptNew>) {
    const named = { name: knownHostsName(address, port, alias), type: keyType(key), key }
    let trust: HostKeyTrust = trustIn(lines, key)
    const remembered = await rememberHostKey(named, { file, hash }, (now) => {
      trust = trustIn(linesFor([...knownHosts, ...now], address, port, alias), key)
      return isNew(trust)
    })
    if (remembered.kind === 'failed')
      return refuse(unwrittenKeyFault(access, describeKey(access, key), file, remembered.why))
    if (remembered.kind === 'written') {
      heard(describeKey(access, key))
      return accept(key)
    }
    // Another session or another program knew it first.
    return trust.kind === 'trusted' ? accept(key) : refuse(hostKeyFault(access, key, trust))
  }
  return {
    algorithms: hostKeyAlgorithms(knownTypes(lines), access.algorithms?.hostKeys),
    verify(key, answer) {
      if (accepted) return answer(accepted.equals(key))
      const trust = trustIn(lines, key)
      if (trust.kind === 'trusted') return answer(accept(key))
      if (!acceptNew || !isNew(trust)) return answer(refuse(hostKeyFault(access, key, trust)))
      const copy = Buffer.from(key)
      acceptNewKey(copy, acceptNew).then(
        (isAccepted) => answer(isAccepted === true),
        (error: unknown) => {
          refuse(
            unwrittenKeyFault(access, describeKey(access, copy), acceptNew.file, String(error)),
          )
          answer(false)
        },
      )
    },
    fault: () => fault,
  }
}

/** Whether nothing at all is known of the host: a key of another type, or an authority, is something. */
function isNew(trust: HostKeyTrust): boolean {
  return trust.kind === 'unknown' && trust.otherTypes.length === 0 && !trust.hasAuthority
}
