import type { Family } from '../ip/dual.ts'

/**
 * How the tunnels between nodes are called, by CNI plugins: Calico's, flannel's, Weave's and kube-router's (`tun-` before 11
 * hex digits, older ones before the digits of an address). The whole name counts, because
 * `wireguard0` may be a VPN. A name does not say that a tunnel is at work: `tunl0` comes with the kernel module, and the
 * others stay when their owner is gone.
 */
const tunnels =
  /^(flannel([.-].+|\d+)|tunl0|vxlan(-v6)?\.calico|(wireguard|wg-v6)\.cali|vxlan-6784|weave|tun-([\da-f]{11}|\d{4,11})|tun\d{12})$/

/**
 * How the interfaces to pods are called: those of Cilium are `lxc` and hex digits, `lxc+` for all of them in a rule. The
 * plugins of AWS, GKE and Azure have `eni`, `gke` and `azv` before 7 to 12 hex digits.
 */
const pods =
  /^(cali|cni(?!-podman)|cbr|cilium|lxc([\da-f]+|_health|\+)$|veth|(eni|gke|azv)[\da-f]{7,12}$)/

/** Whether the name of an interface is one of those to pods: it is one's own, their bridge, or a tunnel to those of other nodes. */
export function leadsToPods(device: string): boolean {
  return pods.test(device) || isPodTunnel(device)
}

/** Names of the kinds that `leadsToPods` knows: pods may get such an interface at any time. */
export const podInterfaceExamples: readonly string[] = [
  ...['cali0', 'cni0', 'cbr0', 'cilium_host', 'lxc0', 'veth0'],
  ...['eni0123456789a', 'gke0123456789a', 'azv0123456789a'],
  ...[
    'flannel.1',
    'tunl0',
    'vxlan.calico',
    'vxlan-6784',
    'wireguard.cali',
    'weave',
    'tun-0a1b2c3d4e5',
  ],
]

/** Whether the name of an interface is that of a tunnel to pods of other nodes. */
export function isPodTunnel(device: string): boolean {
  return tunnels.test(device)
}

/** Whether the name of an interface is that of a tunnel for the addresses of pods of a family: one for IPv6 has `-v6` in its name. */
export function isPodTunnelOf(family: Family, device: string): boolean {
  return isPodTunnel(device) && /-v6/.test(device) === (family === 6)
}
