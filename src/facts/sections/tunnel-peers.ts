import type { Sections } from '../../agent/sections.ts'
import { parseAddress } from '../../ip/ipv4.ts'
import { onceForLine } from '../../once-for.ts'
import { textOf } from '../reading.ts'

/** The far end of a VXLAN tunnel: what leaves by `device` over `gateway` goes to the node at `node`. */
export interface TunnelPeer {
  readonly device: string
  readonly gateway: string
  readonly node: string
}

/**
 * Reads three kinds of lines for each VXLAN device. First `device NAME`. Then the output of `bridge fdb show`: which MAC is at
 * which node. Then its entries of /proc/net/arp, as `arp GATEWAY MAC`. flannel and Calico write both for each node they know.
 */
export function readTunnelPeers(sections: Sections): readonly TunnelPeer[] {
  let device = ''
  let nodes = new Map<string, string>()
  return textOf(sections, 'tunnels')
    .split('\n')
    .flatMap((line) => {
      const [first = '', second = '', third = '', ...rest] = line.trim().split(' ')
      if (first === 'device') {
        device = second
        nodes = new Map()
      } else if (first === 'arp') {
        const node = nodes.get(third)
        return node === undefined ? [] : [peerOf(`${device} ${second} ${node}`)]
      } else {
        const words = [second, third, ...rest]
        const at = words.indexOf('dst')
        const node = at < 0 ? undefined : words[at + 1]
        if (node !== undefined && parseAddress(node) !== undefined) nodes.set(first, node)
      }
      return []
    })
}

const peerOf = onceForLine((line): TunnelPeer => {
  const [device = '', gateway = '', node = ''] = line.split(' ')
  return { device, gateway, node }
})
