import { isDeepStrictEqual } from 'node:util'
import { type Problems, renderLocation } from '../reading/problems.ts'
import type { RawInventory } from '../reading/raw-inventory.ts'
import { addressVariables } from '../variables/variable-schemas.ts'

/** Warns where two inventories give a host different addresses: the later wins, as in Ansible, but one of them may be out of date. */
export function warnOfDisagreement({ replaced, hosts }: RawInventory, problems: Problems): void {
  for (const { before, after, host } of replaced) {
    const { name, location } = after
    if (
      !addressVariables.has(name) ||
      !hosts.has(host) ||
      isDeepStrictEqual(before.value, after.value)
    )
      continue
    problems.warn(
      location,
      `${host} has another ${name} at ${renderLocation(before.location)}. The value here wins, because fw-run reads it later`,
    )
  }
}
