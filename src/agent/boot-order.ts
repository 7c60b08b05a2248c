/** Services that restore rules, or flush those of others, when they start. Ours starts after them. */
export const firewallServices = [
  'nftables',
  'iptables',
  'ip6tables',
  'ipset',
  'netfilter-persistent',
  'ufw',
  'firewalld',
] as const

/** Their start, restart or reload takes rules or members of sets away, ours perhaps as well. So ours come back with them. */
export const flushingServices = [
  'nftables',
  'iptables',
  'ip6tables',
  'ipset',
  'netfilter-persistent',
] as const

/** Services that start pods. Ours starts before them. */
export const podServices = [
  ...['kubelet', 'containerd', 'crio', 'cri-docker', 'docker', 'k3s', 'k3s-agent'],
  ...['rke2-server', 'rke2-agent', 'k0scontroller', 'k0sworker', 'snap.microk8s.daemon-kubelite'],
] as const

/** Units of systemd after which no firewall may start: our service starts between the two. */
export const lateUnits = [
  ...['network-pre.target', 'network.target', 'network-online.target', 'multi-user.target'],
  ...['networking', 'network', 'NetworkManager', 'systemd-networkd'].map(
    (name) => `${name}.service`,
  ),
  ...podServices.map((name) => `${name}.service`),
] as const
