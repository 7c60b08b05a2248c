import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startingText } from '../../../src/agent/program/starting-text.ts'
import type { Lab } from '../../lab/lab.ts'
import { podAddress } from './pod-address.ts'

const program = fileURLToPath(new URL('./scripted-hosts.mjs', import.meta.url))

/** The mark in the answer that all scripted hosts give. */
const mark = 'RECORDED'

/** Starts one process that answers at all these addresses as the agent on the lab's first host does; gives its host key. */
export async function startScriptedHosts(lab: Lab, addresses: readonly string[]): Promise<string> {
  const host = lab.host('node1')
  const { stdout: answer } = await host.run('sh', {
    stdin: startingText([mark, '60', 'forward', 'facts', 'cluster_nodes']),
  })
  const { stdout: hostKey } = await host.run('cat /etc/ssh/ssh_host_ed25519_key')
  const { stdout: key } = await host.run('cut -d " " -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub')
  // An address, a pod network, a pod and its device for each: what nodes of a cluster do not have alike.
  const hosts = addresses.map((address, i) => [
    address,
    [
      [host.address, address],
      ['10.42.1.0/24', `${podAddress(i, 0)}/29`],
      [host.pod.address, podAddress(i, 2)],
      ['cali0123456789a', `cali${(i + 0x123456).toString(16).padStart(11, '0')}`],
    ],
  ])
  const file = await lab.file(
    'scripted.json',
    JSON.stringify({ hostKey, answer, mark, hosts: Object.fromEntries(hosts) }),
  )
  await lab.jump.run('ip route add local 10.200.0.0/16 dev lo')
  const server = lab.jump.spawn(['node', program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (!server.stdout) throw new Error('The scripted hosts have no output.')
  await once(server.stdout, 'data')
  return key.trim()
}
