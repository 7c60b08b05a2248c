import type { Lab } from '../../lab/lab.ts'
import type { Place } from '../../lab/place.ts'
import { type Addresses, container } from './addresses.ts'

/** What becomes of each kind of traffic, by its name: whether it gets an answer. */
export type Flows = Readonly<Record<string, boolean>>

/**
 * Tries every kind of traffic with real packets, all at once. `stop` is what a guard before routing has to stop. It needs
 * `serveDatagrams` and `addContainer`.
 */
export async function tryFlows(
  lab: Lab,
  at: Addresses,
): Promise<{ readonly stop: Flows; readonly keep: Flows }> {
  const { outsider } = lab
  const [node1, node2] = [lab.host('node1'), lab.host('node2')]
  const [pod1, pod2] = [lab.pod(1), lab.pod(2)]
  const stop = answered({
    'outsider to pod 1, tcp': outsider.canConnect(at.pod[0]),
    'outsider to pod 1, ping': outsider.canPing(at.pod[0]),
    'outsider to pod 1, udp': anyAnswer(outsider, at.pod[0]),
    'outsider to pod 2 through node 1, ping': outsider.canPing(at.pod[1]),
    'outsider to pod 2 through node 1, udp': anyAnswer(outsider, at.pod[1]),
    'outsider to a ClusterIP, local': outsider.canConnect(at.clusterIp[0], 80),
    'outsider to a ClusterIP, remote': outsider.canConnect(at.clusterIp[1], 80),
    'outsider to a ClusterIP, udp': anyAnswer(outsider, at.clusterIp[0], 81),
  })
  const keep = answered({
    'NodePort, local': outsider.canConnect(at.node, 30080),
    'NodePort, remote': outsider.canConnect(at.node, 30081),
    'NodePort of policy Local': outsider.canConnect(at.node, 30082),
    'NodePort, udp': allAnswers(outsider, at.node, 30083),
    'NodePort of policy Local, udp': allAnswers(outsider, at.node, 30084),
    hostPort: outsider.canConnect(at.node, 9090),
    'load balancer of policy Local': outsider.canConnect(at.vip[0], 80),
    'load balancer, remote': outsider.canConnect(at.vip[1], 80),
    'outsider to a node, ping': outsider.canPing(at.node),
    'outsider to a node, tcp': outsider.canConnect(at.node, 22),
    'node 2 to pod 1': node2.canConnect(at.pod[0]),
    'node 2 to pod 1, ping': node2.canPing(at.pod[0]),
    'node 1 to its pod': node1.canConnect(at.pod[0]),
    'node 1 to a ClusterIP, remote': node1.canConnect(at.clusterIp[1], 80),
    'pod 1 to its node, ping': pod1.canPing(at.node),
    'pod 2 to pod 1': pod2.canConnect(at.pod[0]),
    'pod 1 to pod 2, ping': pod1.canPing(at.pod[1]),
    'pod 1 to pod 2, udp': allAnswers(pod1, at.pod[1]),
    'pod 1 to a ClusterIP, remote': pod1.canConnect(at.clusterIp[1], 80),
    'pod 2 to a ClusterIP, remote': pod2.canConnect(at.clusterIp[0], 80),
    'pod 2 to a NodePort of node 1': pod2.canConnect(at.node, 30080),
    'pod 2 to a NodePort of node 1, remote': pod2.canConnect(at.node, 30081),
    'pod 1 to the outsider': pod1.canConnect(at.outsider),
    'pod 1 to the outsider, ping': pod1.canPing(at.outsider),
    'pod 1 to the outsider, udp': allAnswers(pod1, at.outsider),
    'pod 1 to the outsider by a ClusterIP': pod1.canConnect(at.clusterIp[2], 80),
    ...(at.family === 4 && {
      'port of docker': outsider.canConnect(at.node, 8888),
      'container of docker to the outsider': connectsFromContainer(node1, at.outsider),
    }),
  })
  return { stop: await stop, keep: await keep }
}

async function answered(tried: Readonly<Record<string, Promise<boolean>>>): Promise<Flows> {
  const found = Object.entries(tried).map(async ([name, one]) => [name, await one] as const)
  return Object.fromEntries(await Promise.all(found))
}

const datagrams = 3

const echoing = `const socket = require('dgram').createSocket('udp6')
socket.on('message', (text, { port, address }) => setTimeout(() => socket.send(text, port, address), 20))
socket.bind(8081, () => require('fs').writeFileSync(process.argv[1], ''))`

/** Sends several datagrams before the first answer, as QUIC does, and prints how many were answered within seconds. */
const asking = `const [, address, port] = process.argv
const socket = require('dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4')
let answers = 0
const tell = () => { console.log(answers); process.exit() }
socket.on('message', () => { if (++answers === ${datagrams}) tell() })
socket.on('error', tell)
for (let n = 0; n < ${datagrams}; n++) socket.send('hello', port, address)
setTimeout(tell, 5000)`

/** Lets pods and outsider answer datagrams on port 8081, in both families. */
export async function serveDatagrams(lab: Lab): Promise<void> {
  await Promise.all(
    [lab.outsider, ...lab.hosts.map(({ pod }) => pod)].map((place) =>
      place.run(
        `file=/tmp/serves-${place.name}
        setsid ${node} -e "$ECHOING" "$file" </dev/null >/dev/null 2>&1 &
        until [ -e "$file" ]; do sleep 0.1; done`,
        { env: { ECHOING: echoing } },
      ),
    ),
  )
}

const node = `'${process.execPath}'`

async function answers(place: Place, address: string, port: number): Promise<number> {
  const env = { ASKING: asking }
  const { stdout, stderr } = await place.run(`${node} -e "$ASKING" ${address} ${port}`, { env })
  if (!/^\d+\n$/.test(stdout)) throw new Error(`${place.name}: no datagrams: ${stderr}`)
  return Number(stdout)
}

async function anyAnswer(place: Place, address: string, port = 8081): Promise<boolean> {
  return (await answers(place, address, port)) > 0
}

async function allAnswers(place: Place, address: string, port = 8081): Promise<boolean> {
  return (await answers(place, address, port)) === datagrams
}

/** Gives a host a container behind docker0 that answers on port 8080. */
export async function addContainer(host: Place): Promise<void> {
  const { code, stderr } = await host.run(`ip netns add container &&
    ip link add veth0 master docker0 type veth peer name eth0 netns container && ip link set veth0 up &&
    ip -n container addr add ${container}/16 dev eth0 && ip -n container link set eth0 up &&
    ip -n container route add default via 172.17.0.1`)
  if (code !== 0) throw new Error(`${host.name}: no container: ${stderr}`)
  await startContainer(host)
}

/** Starts what answers in the container, again if the host was rebooted. */
export async function startContainer(host: Place): Promise<void> {
  await host.run(
    'setsid ip netns exec container busybox httpd -f -p 8080 -h /usr/lib/lab/pod </dev/null >/dev/null 2>&1 &',
  )
}

async function connectsFromContainer({ run }: Place, address: string): Promise<boolean> {
  return (await run(`ip netns exec container nc -n -z -w 5 ${address} 8080`)).code === 0
}
