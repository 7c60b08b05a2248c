/** How docker and compose name their bridges. */
const ofDocker = /^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/

/** How libvirt, LXD, LXC, Incus and podman name their bridges. */
const ofGuests = /^(virbr|lxdbr|lxcbr|incusbr|podman|cni-podman)\d+$/

/** How libvirt, Proxmox, Xen, LXC and systemd name the ports of virtual machines and containers at a bridge. */
const portOfGuest = /^(vnet|tap|veth|vif|fwpr|lxc|vb-)/

/** Whether the name of an interface is that of a bridge of docker or compose. */
export function isDockerBridge(name: string): boolean {
  return ofDocker.test(name)
}

/** Whether the name of an interface is that of a bridge of virtual machines, or of containers that are not pods. */
export function isGuestBridge(name: string): boolean {
  return ofGuests.test(name)
}

/** Whether the name of a bridge's port is that of a virtual machine or container. What guests send counts only if it gets through today. */
export function isGuestPort(name: string): boolean {
  return portOfGuest.test(name)
}
