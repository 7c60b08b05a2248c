import { quote } from '../../shell.ts'
import type { HostAccess } from '../host-access.ts'
import { fingerprint, keyType } from '../keys/public-key.ts'
import { type HostKeyVerdict, knownHostsName } from '../known-hosts.ts'
import type { SessionFault } from '../session-fault.ts'

/** Says why a host key is refused, names its type and fingerprint, and gives the commands that would accept it. */
export function hostKeyFault(
  access: HostAccess,
  key: Buffer,
  verdict: Exclude<HostKeyVerdict, { kind: 'trusted' }>,
): SessionFault {
  const name = knownHostsName(access.address, access.port)
  const type = keyType(key)
  const shown = `${type} key ${fingerprint(key)}`
  const pinned = `${name} ${type} ${key.toString('base64')}`
  const compare = `Compare the fingerprint with "ssh-keygen -lf ${hostKeyFile(type)}" on the host's console`
  // A line of its own, even where the file does not end with a newline.
  const pin = `mkdir -p ~/.ssh && printf '\\n%s\\n' ${quote(pinned)} >> ~/.ssh/known_hosts`
  switch (verdict.kind) {
    case 'unknown':
      return {
        stage: 'host-key',
        reason: `${whatIsKnown(name, verdict)}; it shows the ${shown}.`,
        remedy: `${compare}, then run: ${pin}`,
      }
    case 'changed':
      return {
        stage: 'host-key',
        reason: `${name} shows the ${shown}, which differs from ${verdict.file}:${verdict.line}. The host was reinstalled, or someone stands in between.`,
        remedy: `${compare}. Only if they agree, run: ssh-keygen -R ${quote(name)} -f ${quote(verdict.file)} && ${pin}`,
      }
    case 'revoked':
      return {
        stage: 'host-key',
        reason: `${name} shows the ${shown}, which ${verdict.file}:${verdict.line} revokes.`,
        remedy:
          'Do not log in to this host. Find out why the key was revoked, and give the host a new one.',
      }
  }
}

function whatIsKnown(
  name: string,
  verdict: { otherTypes: readonly string[]; onlyAuthority: boolean },
): string {
  if (verdict.otherTypes.length > 0) {
    return `known_hosts has only the ${verdict.otherTypes.join(' and ')} key of ${name}`
  }
  if (!verdict.onlyAuthority) return `${name} is not in known_hosts`
  return `only a @cert-authority line of known_hosts matches ${name}, and host certificates are not supported`
}

function hostKeyFile(type: string): string {
  return `/etc/ssh/ssh_host_${type.replace(/^ssh-|-sha2-.*$/g, '')}_key.pub`
}
