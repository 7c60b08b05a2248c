/** How the interfaces to pods and the tunnels between nodes are called, by CNI plugins. */
const names = /^(cali|cni(?!-podman)|cbr|cilium|lxc|veth|flannel|tunl|vxlan|weave|wireguard)/

/** Whether an interface leads to pods: it is one's own, their bridge, or a tunnel to those of other nodes. */
export function leadsToPods(device: string): boolean {
  return names.test(device)
}
