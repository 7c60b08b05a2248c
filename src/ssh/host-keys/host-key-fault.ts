import { printable } from '../../text/printable.ts'
import { quote } from '../../text/shell-quotes.ts'
import type { HostAccess } from '../host-access.ts'
import { fingerprint, keyType } from '../keys/public-key.ts'
import { hostCertificate } from '../known-hosts.ts'
import type { SessionFault, UnknownHostKey } from '../session-fault.ts'
import { mayNeedRoot, trustCommand } from '../trust-command.ts'
import { type HostKeyTrust, knownHostsName } from './host-key-trust.ts'

/** Says why a host key is refused, with its type and fingerprint, and with the commands that would trust it. */
export function hostKeyFault(
  access: HostAccess,
  key: Buffer,
  trust: Exclude<HostKeyTrust, { kind: 'trusted' }>,
): SessionFault {
  const name = knownHostsName(access.address, access.port, access.hostKeys.alias)
  const shown = describeKey(access, key)
  const shows = `${shown.type} key ${shown.fingerprint}`
  const compare = `On the console of the host, run \`ssh-keygen -lf ${shown.file}\``
  const same = `${compare}. If it shows the same fingerprint, run on the jump host:`
  const { file } = access.hostKeys
  const lacks =
    trust.kind !== 'revoked' && trust.hasAuthority ? { lacks: hostCertificate } : undefined
  switch (trust.kind) {
    case 'unknown':
      return {
        ...{ stage: 'host-key', ...lacks },
        reason: `${whatIsKnown(name, trust)}; the host shows the ${shows}.`,
        ...(file === undefined
          ? { remedy: noFileForKeys }
          : {
              remedy: `${same} ${trustCommand(file, [shown.line])}`,
              unknownKey: { ...shown, knownHosts: file },
            }),
      }
    case 'changed':
      return {
        ...{ stage: 'host-key', ...lacks },
        reason: `${name} shows the ${shows}, which differs from ${trust.file}:${trust.line}. The host was reinstalled, or another machine pretends to be the host (an attack).`,
        remedy: `${compare}.${mayNeedRoot(trust.file)} Only if it shows the same fingerprint, run on the jump host: ssh-keygen -R ${quote(name)} -f ${quote(trust.file)} && ${trustCommand(trust.file, [shown.line])}`,
      }
    case 'revoked':
      return {
        stage: 'host-key',
        reason: `${name} shows the ${shows}, which ${trust.file}:${trust.line} revokes.`,
        remedy:
          'Do not log in to this host. Find out why the key was revoked, and give the host a new one.',
      }
  }
}

/** What to do where no file is named to which a new key could be added. */
export const noFileForKeys =
  'UserKnownHostsFile is /dev/null or none, so fw-run has no file for new keys. Set it to ~/.ssh/known_hosts: in the SSH configuration, or in the SSH options of the inventory. Then run the same command again.'

/** Says why a new key that might be accepted is refused all the same: nobody could check it the next time. */
export function unwrittenKeyFault(
  access: HostAccess,
  key: Pick<UnknownHostKey, 'type' | 'fingerprint'> | undefined,
  file: string,
  why: string,
): SessionFault {
  const name = knownHostsName(access.address, access.port, access.hostKeys.alias)
  const shown = key
    ? `The new ${key.type} key ${key.fingerprint} of ${name}`
    : `A new key of ${name}`
  return {
    stage: 'host-key',
    reason: `${shown} cannot be written to ${file} (${printable(why)}).`,
    remedy: `Make ${file} a file that you can write, or put the key there by hand.`,
  }
}

/** What a person needs to know of a key that known_hosts lacks. */
export function describeKey(access: HostAccess, key: Buffer): Omit<UnknownHostKey, 'knownHosts'> {
  const { name, address, port } = access
  const type = keyType(key)
  return {
    host: name,
    address,
    port,
    type,
    fingerprint: fingerprint(key),
    file: `/etc/ssh/ssh_host_${type.replace(/^ssh-|-sha2-.*$/g, '')}_key.pub`,
    line: `${knownHostsName(access.address, access.port, access.hostKeys.alias)} ${type} ${key.toString('base64')}`,
  }
}

function whatIsKnown(
  name: string,
  { otherTypes, hasAuthority }: Extract<HostKeyTrust, { kind: 'unknown' }>,
): string {
  if (otherTypes.length > 0) {
    const keys = otherTypes.length === 1 ? 'key' : 'keys'
    return `known_hosts has only the ${otherTypes.join(' and ')} ${keys} of ${name}`
  }
  if (!hasAuthority) return `${name} is not in known_hosts`
  return `only a @cert-authority line of known_hosts matches ${name}, and ssh2 does not support host certificates`
}
