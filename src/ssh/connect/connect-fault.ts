import type { HostAccess } from '../host-access.ts'
import type { SessionFault } from '../session-fault.ts'
import type { ConnectCause } from './connect-cause.ts'

/** Says what failed and what to do about it; `detail` is ssh2's or the system's own message. */
export function connectFault(
  failure: ConnectCause,
  { address, port }: HostAccess,
  detail: string,
): SessionFault {
  const where = `${address} port ${port}`
  switch (failure) {
    case 'refused':
      return fault(
        `${where} refused the connection.`,
        'Check that sshd runs there and listens on that port, and that no firewall rejects it.',
      )
    case 'no-route':
      return fault(
        `There is no route to ${where} (${detail}).`,
        'Check the address, that the host is up, and that no firewall rejects the port.',
      )
    case 'unknown-name':
      return fault(
        `The name ${address} is not known to DNS or /etc/hosts.`,
        'Correct the name, or set ansible_host to an address.',
      )
    case 'name-service-down':
      return fault(
        `The name ${address} could not be looked up: the name server does not answer.`,
        'Check /etc/resolv.conf here, or set ansible_host to an address.',
      )
    case 'no-answer':
      return fault(
        `${where} does not answer.`,
        'Check the address and that the host is up; a firewall may drop the packets.',
      )
    case 'closed-early':
      return fault(
        `${where} closed the connection before its SSH banner, also when tried again (${detail}).`,
        'Its sshd may have too many logins under way (MaxStartups: run with a lower --forks) or refuse this address (hosts.deny, fail2ban).',
      )
    case 'not-ssh':
      return fault(`${where} does not speak SSH 2 (${detail}).`, 'Check the port.')
    case 'no-common-key-exchange':
      return fault(
        `${where} offers no key exchange in common with us.`,
        'If its sshd allows post-quantum key exchange only, add curve25519-sha256 to KexAlgorithms in its sshd_config.',
      )
    case 'no-common-host-key':
      return fault(
        `${where} has no host key of a kind that we know.`,
        'Give it an ed25519, ECDSA or RSA host key (HostKey and HostKeyAlgorithms in its sshd_config).',
      )
    case 'no-common-cipher':
      return fault(
        `${where} offers no cipher or MAC in common with us (${detail}).`,
        'Add aes256-gcm@openssh.com to Ciphers in its sshd_config.',
      )
    case 'broken':
      return fault(
        `The connection to ${where} failed (${detail}).`,
        'Read why in the log of sshd on the host.',
      )
  }
}

function fault(reason: string, remedy: string): SessionFault {
  return { stage: 'connect', reason, remedy }
}
