import { isOfServices } from '../../../facts/inner-interface-names.ts'
import type { Reading } from '../../../facts/reading.ts'
import { closedNetworks, type EarlyIntent } from '../../../guard/intent.ts'
import { asGiven } from '../../../inventory/settings.ts'
import { families, ofFamily } from '../../../ip/dual.ts'
import { uncovered } from '../../../ip/dual-ranges.ts'
import { clusterIpsOf, externalAddresses } from '../../../placement/service-addresses.ts'
import { type CheckResult, type EarlyCheck, fail, pass, type Subject, warn } from '../../check.ts'

/**
 * Whether the guard closes the ClusterIPs of services, as the inventory says, and no address of a load balancer. Most nodes
 * do not know the network of services, so the guard must name it.
 */
export const serviceNetworks: EarlyCheck = {
  id: 'service-networks',
  judge(subject) {
    const { host, state, intent } = subject
    const cut = closedLoadBalancers(subject)
    if (cut) return cut
    if (host.settings.services === 'open') return pass
    const native = subject.facts.nativeServices
    const services = native.kind === 'read' ? native.value : { clusterIps: [], networks: [] }
    const seen = [...clusterIpsOf(state.ruleset), ...(state.leftOut ?? []), ...services.clusterIps]
    const told = [...new Set([...subject.facts.serviceRange, ...services.networks])]
    const bound = boundByIpvs(subject)
    if (intent.serviceCidrs.length === 0) return unknownNetwork(seen[0] ?? bound[0], told)
    const wrong = families.flatMap((family) => {
      const own = ofFamily(bound, family)
      return uncovered(own, intent.serviceCidrs).length === own.length ? own : []
    })
    const open = uncovered([...seen, ...told, ...wrong], intent.serviceCidrs)
    if (open.length === 0) return native.kind === 'read' ? pass : unseen(native)
    return fail(
      `the guard closes ${intent.serviceCidrs.join(', ')}, but there are other ClusterIPs: ${open.slice(0, 5).join(', ')}`,
      `Correct ${asGiven(host.settings, 'fw_service_cidrs')}: add the network of these ClusterIPs.`,
    )
  },
}

/**
 * The addresses that kube-proxy in IPVS mode, or kube-router, gives the host: all ClusterIPs, and those of load balancers as well
 * (kubernetes, pkg/proxy/ipvs/proxier.go; kube-router, pkg/controllers/proxy). So the networks of services must hold some of each
 * family, not all.
 */
function boundByIpvs({ facts, intent }: Subject<EarlyIntent>): readonly string[] {
  const four = intent.network.interfaces.filter(({ name }) => isOfServices(name))
  const six = facts.ipv6.addresses.filter(({ device }) => isOfServices(device))
  return [...four.flatMap(({ addresses }) => addresses), ...six.map(({ address }) => address)]
}

function unknownNetwork(seen: string | undefined, told: readonly string[]): CheckResult {
  const example = seen === undefined ? '' : `, for example ${seen}`
  return warn(
    `the inventory does not say in which network ClusterIPs are, so the guard leaves them open. Outsiders can reach services${example}`,
    told.length > 0
      ? `Set fw_service_cidrs for all hosts to ${JSON.stringify(told)}: the control plane or kube-proxy on this host uses this value. If outsiders must reach ClusterIPs, set fw_services: open.`
      : "Set fw_service_cidrs in the inventory, for example ['10.43.0.0/16']. On most clusters of kubeadm or Kubespray, `kubectl cluster-info dump | grep -m1 service-cluster-ip-range` shows it. If outsiders must reach ClusterIPs, set fw_services: open.",
  )
}

function unseen({ reason, remedy }: Extract<Reading<never>, { kind: 'unreadable' }>): CheckResult {
  return warn(
    `fw-run could not ask kube-proxy on this host for ClusterIPs, so perhaps the guard leaves some open: ${reason}`,
    remedy,
  )
}

/** Outsiders ask for these addresses, and the guard would stop them. */
function closedLoadBalancers({ state, intent }: Subject<EarlyIntent>): CheckResult | undefined {
  const external = externalAddresses(state.ruleset).filter(
    (address) => !state.leftOut?.includes(address),
  )
  const open = new Set(uncovered(external, closedNetworks(intent)))
  const closed = external.filter((address) => !open.has(address))
  if (closed.length === 0) return undefined
  return fail(
    `the guard would close addresses by which outsiders reach services (load balancers or external IPs): ${closed.slice(0, 5).join(', ')}`,
    uncovered(closed, intent.podCidrs).length < closed.length
      ? 'Set fw_pod_cidrs to smaller networks, without these addresses.'
      : 'Set fw_service_cidrs to smaller networks, without these addresses. Or set fw_services: open.',
  )
}
