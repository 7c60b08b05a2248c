import { typed } from '../../text/shell-quotes.ts'
import type { HostAccess } from '../host-access.ts'
import { noFileForKeys } from '../host-keys/host-key-fault.ts'
import { isNewHost, knownHostsName, linesFor } from '../host-keys/host-key-trust.ts'
import type { SessionFault } from '../session-fault.ts'
import { mayNeedRoot } from '../trust-command.ts'

/** Why OpenSSH refused the key of a host. */
export type RefusedKey =
  | { readonly kind: 'unknown'; readonly words: string | undefined }
  | {
      readonly kind: 'changed'
      readonly file: string | undefined
      readonly line: number | undefined
    }
  | { readonly kind: 'revoked'; readonly where: string | undefined }

/** Says why ssh refused a host key, with its type and fingerprint, and how to accept it. */
export function refusedKeyFault(
  refused: RefusedKey,
  { name, isBastion, address, port, hostKeys }: HostAccess,
  key: { readonly type: string; readonly fingerprint: string } | undefined,
): SessionFault {
  const known = knownHostsName(address, port, hostKeys.alias)
  const shown = key ? `the ${key.type} key ${key.fingerprint}` : 'a key'
  const kind = key?.type.replace(/^ssh-|-sha2-.*$|-cert-v01@openssh\.com$/g, '')
  const file = `/etc/ssh/ssh_host_${kind ?? 'ed25519'}_key.pub`
  const compare = `On the console of the host, run \`ssh-keygen -lf ${file}\``
  const limit = isBastion ? '' : ` --limit ${typed(name)}`
  const accept = `\`fw-run preflight --accept-new-host-keys${limit}\``
  const isNew = isNewHost(linesFor(hostKeys.knownHosts, address, port, hostKeys.alias))
  const byHand = `add the key to ${hostKeys.file ?? 'known_hosts'} by hand, as one line: ${known}, a space, and the content of ${file} on the host`
  switch (refused.kind) {
    case 'unknown':
      return fault(
        `ssh trusts no key of ${known}${refused.words ? ` (${refused.words})` : ''}; the host shows ${shown}.`,
        hostKeys.file === undefined
          ? noFileForKeys
          : `${compare}. If it shows the same fingerprint, ${isNew ? `run on the jump host: ${accept}` : byHand}`,
      )
    case 'changed': {
      const where = refused.file === undefined ? 'the known one' : `${refused.file}:${refused.line}`
      const remove = `ssh-keygen -R ${typed(known)}${refused.file === undefined ? '' : ` -f ${typed(refused.file)}`}`
      return fault(
        `${known} shows ${shown}, which differs from ${where}. The host was reinstalled, or another machine pretends to be the host (an attack).`,
        `${compare}.${refused.file === undefined ? '' : mayNeedRoot(refused.file)} Only if it shows the same fingerprint, run on the jump host \`${remove}\`, and then ${accept}`,
      )
    }
    case 'revoked':
      return fault(
        `${known} shows ${shown}, which ${refused.where ?? 'known_hosts'} revokes.`,
        'Do not log in to this host. Find out why the key was revoked, and give the host a new one.',
      )
  }
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'host-key', reason, remedy }
}
