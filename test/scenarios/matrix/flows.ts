import type { Lab } from '../../lab/lab.ts'
import type { Addresses } from './addresses.ts'

/** What becomes of each kind of traffic, by its name: whether it gets an answer. */
export type Flows = Readonly<Record<string, boolean>>

/** Tries every kind of traffic with real packets, all at once. `stop` is what a guard before routing has to stop. */
export async function tryFlows(
  lab: Lab,
  at: Addresses,
): Promise<{ readonly stop: Flows; readonly keep: Flows }> {
  const { outsider } = lab
  const [node1, node2] = [lab.host('node1'), lab.host('node2')]
  const [pod1, pod2] = [lab.pod(1), lab.pod(2)]
  return {
    stop: await answered({
      'outsider to pod 1, tcp': outsider.canConnect(at.pod[0]),
      'outsider to pod 1, ping': outsider.canPing(at.pod[0]),
      'outsider to pod 2, tcp': outsider.canConnect(at.pod[1]),
      'outsider to a ClusterIP, local': outsider.canConnect(at.clusterIp[0], 80),
      'outsider to a ClusterIP, remote': outsider.canConnect(at.clusterIp[1], 80),
    }),
    keep: await answered({
      'NodePort, local': outsider.canConnect(at.node, 30080),
      'NodePort, remote': outsider.canConnect(at.node, 30081),
      'NodePort of policy Local': outsider.canConnect(at.node, 30082),
      hostPort: outsider.canConnect(at.node, 9090),
      'load balancer of policy Local': outsider.canConnect(at.vip[0], 80),
      'load balancer, remote': outsider.canConnect(at.vip[1], 80),
      'outsider to a node': outsider.canPing(at.node),
      'node 2 to pod 1': node2.canConnect(at.pod[0]),
      'node 1 to its pod': node1.canConnect(at.pod[0]),
      'node 1 to a ClusterIP, remote': node1.canConnect(at.clusterIp[1], 80),
      'pod 2 to pod 1': pod2.canConnect(at.pod[0]),
      'pod 1 to pod 2, ping': pod1.canPing(at.pod[1]),
      'pod 1 to a ClusterIP, remote': pod1.canConnect(at.clusterIp[1], 80),
      'pod 2 to a ClusterIP, remote': pod2.canConnect(at.clusterIp[0], 80),
      'pod 1 to the outsider': pod1.canConnect(at.outsider),
      'pod 1 to the outsider, ping': pod1.canPing(at.outsider),
      'pod 1 to the outsider by a ClusterIP': pod1.canConnect(at.clusterIp[2], 80),
    }),
  }
}

async function answered(tried: Readonly<Record<string, Promise<boolean>>>): Promise<Flows> {
  const found = Object.entries(tried).map(async ([name, one]) => [name, await one] as const)
  return Object.fromEntries(await Promise.all(found))
}
