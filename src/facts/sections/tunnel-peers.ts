import type { Sections } from '../../agent/sections.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import { onceForLine } from '../../memory/once-for.ts'
import { textOf } from '../reading.ts'

/** The far end of a VXLAN tunnel: what leaves by `device` over `gateway` goes to the node at `node`. */
export interface TunnelPeer {
  readonly device: string
  readonly gateway: string
  readonly node: string
}

/**
 * Reads `device NAME` for each VXLAN device, and after it what `bridge fdb show` prints: which MAC is at which node. The MACs of
 * gateways are those of permanent neighbours. flannel and Calico write both for each node they know.
 */
export function readTunnelPeers(sections: Sections): readonly TunnelPeer[] {
  const devices = new Map<string, Map<string, string>>()
  let nodes = new Map<string, string>()
  for (const line of textOf(sections, 'tunnels').split('\n')) {
    const [first = '', second = '', ...rest] = line.trim().split(' ')
    if (first === 'device') {
      nodes = new Map()
      devices.set(second, nodes)
    } else {
      const words = [second, ...rest]
      const at = words.indexOf('dst')
      const node = at < 0 ? undefined : words[at + 1]
      if (node !== undefined && parseAddress(node) !== undefined) nodes.set(first, node)
    }
  }
  if (devices.size === 0) return []
  return textOf(sections, 'network')
    .split('\n')
    .filter(isNeighbour)
    .flatMap((line) => {
      const [gateway = '', , device = '', , mac = ''] = line.split(' ')
      const node = devices.get(device)?.get(mac)
      return node === undefined ? [] : [peerOf(`${device} ${gateway} ${node}`)]
    })
}

/** Whether a line of `ip` is a neighbour: `ADDRESS dev NAME lladdr MAC PERMANENT`. */
export function isNeighbour(line: string): boolean {
  return line.includes(' lladdr ')
}

const peerOf = onceForLine((line): TunnelPeer => {
  const [device = '', gateway = '', node = ''] = line.split(' ')
  return { device, gateway, node }
})
