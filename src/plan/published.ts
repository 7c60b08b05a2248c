import type { Rule } from '../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../iptables/ruleset.ts'

/**
 * A port published for pods or containers, on an address of its own or on those of the host, and the chain of nat that
 * decides on it.
 */
export interface PublishedPort {
  readonly chain: string
  readonly protocol: string
  readonly port: number
  readonly address: string | undefined
}

/** How many published ports of a kind are walked, so that a plan stays below a second; hardly a cluster has more. */
const enough = 200

/**
 * The ports that nat knows: NodePorts (KUBE-NODEPORTS), addresses of load balancers and external ones (KUBE-XLB-, since
 * 1.24 KUBE-EXT-, and KUBE-FW- chains in KUBE-SERVICES), hostPorts (CNI-HOSTPORT-DNAT of portmap), and what docker
 * publishes (DOCKER).
 */
export function publishedPorts(ruleset: Ruleset): readonly PublishedPort[] {
  const own = ['KUBE-NODEPORTS', 'CNI-HOSTPORT-DNAT', 'DOCKER'].flatMap((chain) =>
    rulesOf(ruleset, 'nat', chain)
      .flatMap((rule) => portsOf(rule, chain))
      .slice(0, enough),
  )
  const external = rulesOf(ruleset, 'nat', 'KUBE-SERVICES')
    .filter(({ target }) => /^KUBE-(XLB|EXT|FW)-/.test(target?.name ?? ''))
    .flatMap((rule) => portsOf(rule, rule.target?.name ?? ''))
  return [...own, ...external.slice(0, enough)]
}

function portsOf(rule: Rule, chain: string): readonly PublishedPort[] {
  const to = rule.matches.find((match) => match.kind === 'destination')
  const address = to?.kind === 'destination' ? to.cidr.replace(/\/32$/, '') : undefined
  const protocol = rule.matches.find((match) => match.kind === 'protocol')
  const ports = rule.matches.flatMap((match) =>
    match.kind === 'module'
      ? match.options.filter(({ name }) => /^(dport|dports|destination-port)$/.test(name))
      : [],
  )
  return ports.flatMap(({ values }) =>
    (values[0] ?? '').split(',').flatMap((text) => {
      const port = Number(text.split(':')[0])
      return Number.isInteger(port) && port > 0
        ? [
            {
              chain,
              protocol: protocol?.kind === 'protocol' ? protocol.protocol : 'tcp',
              port,
              address,
            },
          ]
        : []
    }),
  )
}
