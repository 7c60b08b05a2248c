import { typed } from '../../text/shell-quotes.ts'
import type { HostAccess } from '../host-access.ts'
import { readLogOfSshd, type SessionFault } from '../session-fault.ts'
import type { ConnectCause } from './connect-cause.ts'
import type { Offers } from './opening.ts'

/** Says what failed and what to do about it; `words` are ssh2's, the system's or the host's own, fit to print. */
export function connectFault(
  cause: ConnectCause,
  access: HostAccess,
  words: string,
  offers?: Offers,
): SessionFault {
  const { address, via } = access
  const where = whereIs(access)
  // Nothing at all was heard of the host. But words of a ProxyCommand may be about anything.
  const silent = (
    silence: NonNullable<SessionFault['silence']>,
    reason: string,
    remedy: string,
  ): SessionFault => ({
    ...fault(reason, remedy),
    ...(access.openssh?.proxyCommand === undefined && { silence }),
  })
  switch (cause) {
    case 'refused':
      return fault(
        `${where} refused the connection.`,
        `Check that sshd runs there, and that no firewall rejects the port. ${findPort}`,
      )
    case 'no-route':
      return silent(
        'no-route',
        `There is no route to ${where} (${words}).`,
        'Check the address, that the host is up, and that no firewall rejects the port.',
      )
    case 'rejected':
      return fault(
        `${where} answers ARP, so the host is up. But it rejects the connection by ICMP.`,
        'Make the firewall of that host accept SSH from this machine.',
      )
    case 'unknown-name':
      return fault(
        `The name ${address} is not known to DNS or /etc/hosts${via ? ` on the ${via.name}` : ''}.`,
        'Correct the name, or set ansible_host to an address.',
      )
    case 'name-service-down':
      return fault(
        `The name ${address} could not be looked up: the name server does not answer.`,
        'Check /etc/resolv.conf here, or set ansible_host to an address.',
      )
    case 'no-answer':
      return silent(
        'no-answer',
        `${where} does not answer.`,
        'Check the address and that the host is up. A firewall may drop the packets.',
      )
    case 'not-forwarded':
      return fault(
        `The ${via?.name} refuses to forward to ${address} port ${access.port} (${words}).`,
        `In sshd_config of the bastion, set AllowTcpForwarding yes and DisableForwarding no. If PermitOpen is set there, add ${address}:${access.port} to it.`,
      )
    case 'not-reached':
      return fault(
        `The ${via?.name} could not connect to ${address} port ${access.port} (${words}).`,
        `Log in to the bastion, and check the address: \`nc -vz ${typed(address)} ${access.port}\`.`,
      )
    case 'closed-early':
      return fault(
        `${where} closed each connection before its SSH banner (${words}).`,
        `Its sshd may have too many logins in progress (MaxStartups): run with a lower --forks. Or it refuses the address of ${via ? `the ${via.name}` : 'this machine'}: check hosts.deny and fail2ban on that host.`,
      )
    case 'not-ssh':
      return fault(`${where} does not speak SSH 2 (${words}).`, findPort)
    case 'no-common-key-exchange':
      return fault(
        `${where} offers no key exchange that fw-run supports${listed(offers?.keyExchanges)}.`,
        keyExchangeRemedy(offers?.keyExchanges ?? []),
        'any key exchange of that host',
      )
    case 'no-common-host-key':
      return fault(
        `${where} has no host key of a type that fw-run supports${listed(offers?.hostKeys)}.`,
        'Give it an ed25519, ECDSA or RSA host key (HostKey and HostKeyAlgorithms in its sshd_config).',
        'any type of host key of that host',
      )
    case 'no-common-cipher':
      return fault(
        `${where} offers no cipher that fw-run supports${listed(offers?.ciphers)}.`,
        'Add aes256-gcm@openssh.com to Ciphers in its sshd_config.',
        'any cipher of that host',
      )
    case 'no-common-mac':
      return fault(
        `${where} offers no MAC that fw-run supports${listed(offers?.macs)}.`,
        'Add hmac-sha2-256-etm@openssh.com to MACs in its sshd_config.',
        'any MAC of that host',
      )
    case 'broken':
      return fault(`The connection to ${where} failed (${words}).`, readLogOfSshd)
  }
}

/** An address with its port, and the bastion that dials it. */
export function whereIs({ address, port, via }: HostAccess): string {
  return `${address} port ${port}${via ? ` (through the ${via.name})` : ''}`
}

const findPort =
  'On the console of that host, `ss -ltnp | grep sshd` shows the port of sshd. Set ansible_port to that port.'

function keyExchangeRemedy(offered: readonly string[]): string {
  return offered.some((name) => /sntrup|mlkem/.test(name))
    ? 'Its sshd allows only post-quantum key exchange: add curve25519-sha256 to KexAlgorithms in its sshd_config.'
    : 'Update its sshd: curve25519-sha256 or diffie-hellman-group14-sha256 must be among KexAlgorithms in its sshd_config.'
}

const maxNames = 5

/** What a host offers, without the names that only announce an extension, and without what no algorithm is called. */
function listed(names: readonly string[] = []): string {
  const found = names.filter((name) => /^(?!kex-strict-|ext-info-)[\w@.+-]{1,64}$/.test(name))
  const more = found.length > maxNames ? ', …' : ''
  return found.length === 0 ? '' : `: it offers ${found.slice(0, maxNames).join(', ')}${more}`
}

function fault(reason: string, remedy: string, lacks?: string): SessionFault {
  return { stage: 'connect', reason, remedy, ...(lacks && { lacks }) }
}
