import type { OpenedHost } from '../../cluster/open-hosts.ts'
import { memberAddress } from '../../inventory/addresses.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { begunHosts, type PastRun } from '../../journal/past-run.ts'

/**
 * The hosts of a past run, each of which knows of the node that a `hosts remove` takes out of the inventory. Before that run decided, it
 * was checked or accepted (`--leave-outside`) that other hosts still know it as a node.
 */
export function toldOfLeaving(
  opened: readonly OpenedHost[],
  past: PastRun,
  inventory: Inventory,
): readonly OpenedHost[] {
  const { edit } = past
  if (edit?.change.kind !== 'remove') return opened
  const { name } = edit.change
  const isIt = (one: { readonly name: string }): boolean => one.name === name
  const addresses = [
    // It is there if the file from before led to it.
    ...inventory.hosts.filter(isIt).flatMap(({ settings }) => settings.addresses),
    ...begunHosts(past)
      .filter(isIt)
      .flatMap(({ address }) => memberAddress(address) ?? []),
  ]
  const leaving = { host: name, addresses, accepted: true }
  return opened.map((one) => ({
    ...one,
    host: { ...one.host, settings: { ...one.host.settings, leaving } },
  }))
}
