/** How the tunnels between nodes are called, by CNI plugins: Calico's, flannel's and Weave's. */
const tunnels = /^(flannel|tunl|vxlan(-v6)?\.calico$|vxlan-6784$|weave|wireguard)/

/** How the interfaces to pods are called: those of Cilium are `lxc` and hex digits, `lxc+` for all of them in a rule. */
const pods = /^(cali|cni(?!-podman)|cbr|cilium|lxc([\da-f]+|_health|\+)$|veth)/

/** Whether an interface leads to pods: it is one's own, their bridge, or a tunnel to those of other nodes. */
export function leadsToPods(device: string): boolean {
  return pods.test(device) || isPodTunnel(device)
}

/** Whether an interface is a tunnel to pods of other nodes. */
export function isPodTunnel(device: string): boolean {
  return tunnels.test(device)
}
