import type { Sections } from '../../agent/sections.ts'
import { type KubeProxyServices, parseKubeProxyServices } from '../../nft/kube-proxy-services.ts'
import { type Reading, readSection } from '../reading.ts'

/** Reads the services of a kube-proxy in nftables mode; none where a host has no such kube-proxy, or was not asked. */
export function readNativeServices(sections: Sections): Reading<KubeProxyServices> {
  if (!sections.has('native-services')) return { kind: 'read', value: parseKubeProxyServices('') }
  const said = readSection(sections, 'native-services', 'nft list set ip kube-proxy cluster-ips')
  return said.kind === 'read' ? { kind: 'read', value: parseKubeProxyServices(said.value) } : said
}
