import { isPattern } from '../interface-names.ts'
import { type Problems, renderLocation } from '../reading/problems.ts'
import { opening } from '../variables/variable.ts'
import type { LocatedHost } from './located-hosts.ts'

/** Records patterns of interfaces given to the guard `forward`: it finds the position of its rule for each interface by name. */
export function checkInterfaces(hosts: readonly LocatedHost[], problems: Problems): void {
  const seen = new Set<string>()
  for (const { host, resolved } of hosts) {
    const variable = resolved.definition('fw_interface')
    const { guard, interfaces } = host.settings
    const pattern = interfaces.find(isPattern)
    if (!variable || guard !== 'forward' || pattern === undefined) continue
    // Thousands of hosts inherit one value.
    const origin = renderLocation(variable.location)
    if (seen.has(origin)) continue
    seen.add(origin)
    problems.add(
      variable.locationOf([]),
      `${opening(variable)}${pattern} is a pattern, and fw_guard: forward works only with names of interfaces`,
      `List the interfaces in fw_interface. Or set fw_guard: auto, nft or mangle: these guards take ${pattern}.`,
    )
  }
}
