/**
 * How interfaces of the host itself are called, by which nothing new comes in: loopback, dummies, those of kube-proxy, kube-router
 * and NodeLocal DNS, and those that shape what came in elsewhere (`ifb0`).
 */
const ofHost = /^(lo|kube-(ipvs0|dummy-if|bridge)|nodelocaldns|dummy\d+|ifb\d+)$/

/** How the interfaces are called on which a host has the addresses of services as its own: kube-proxy's in IPVS mode, and kube-router's. */
const ofServices = /^kube-(ipvs0|dummy-if)$/

/** How the bridges of docker, compose, podman and nerdctl are called. */
const ofContainers = /^(docker\d+|docker_gwbridge|br-[\da-f]{12}|(cni-)?podman\d+|nerdctl\d+)$/

/**
 * How the interfaces are called by which hosts and their pods speak to each other where Open vSwitch carries pods: Antrea's,
 * those of OVN-Kubernetes and of Kube-OVN, and Weave's `datapath`.
 */
const ofSwitch = /^(antrea-(gw|egress|ingress)\d+|ovn-k8s-(mp|gw)\d+|ovn0|datapath)$/

/** Whether the name of an interface is one of the host itself. The whole name counts: `dummy-lan` may be a network card. */
export function isOfHost(name: string): boolean {
  return ofHost.test(name)
}

/** Whether a host has the addresses of services as its own on an interface of that name. IPVS then translates them. */
export function isOfServices(name: string): boolean {
  return ofServices.test(name)
}

/** The interfaces of these kinds on which a host has the network of its own pods: those of kube-router, Antrea and OVN-Kubernetes. */
const beforePods = /^(kube-bridge|antrea-gw\d+|ovn-k8s-mp\d+)$/

/**
 * Whether the network of an interface is that of pods on this host. A route with a gateway there may lead elsewhere: Antrea
 * and OVN-Kubernetes have such routes to ClusterIPs.
 */
export function isBeforePods(name: string): boolean {
  return beforePods.test(name)
}

/** Whether the name of an interface is that by which a host of OVN-Kubernetes reaches its pods. */
export function isOfOvnKubernetes(name: string): boolean {
  return /^ovn-k8s-mp\d+$/.test(name)
}

/** Whether the name of an interface is that by which a host of Kube-OVN reaches pods of all its subnets, over one router. */
export function isOfKubeOvn(name: string): boolean {
  return name === 'ovn0'
}

/** Whether the name of an interface is that of a bridge of containers that are not pods. */
export function isOfContainers(name: string): boolean {
  return ofContainers.test(name)
}

/** Whether the name of an interface is that of a host's port in the virtual switch of its pods. */
export function isOfPodSwitch(name: string): boolean {
  return ofSwitch.test(name)
}

/** Names of these kinds: a host may get such an interface at any time. */
export const innerInterfaceExamples: readonly string[] = [
  ...['docker0', 'docker_gwbridge', 'br-0123456789ab', 'podman0', 'cni-podman0', 'nerdctl0'],
  ...['kube-bridge', 'kube-ipvs0', 'nodelocaldns', 'dummy0', 'ifb0'],
  ...['antrea-gw0', 'ovn-k8s-mp0', 'ovn0', 'datapath'],
]
