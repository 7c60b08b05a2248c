import { execFile } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { isIP } from 'node:net'
import pLimit from 'p-limit'
import { maxLookups, resolveMs } from '../../limits.ts'
import { shown } from '../../text/shown.ts'
import { isMemberAddress } from '../addresses.ts'
import type { Problems } from '../reading/problems.ts'
import type { LocatedHost } from './located-hosts.ts'

/** Addresses that this machine finds for names of hosts. A name that does not resolve in time is missing. */
export type Addresses = ReadonlyMap<string, readonly string[]>

/** Records hosts without an IPv4 address for the set. The remedy is the line to add, with the addresses that were found. */
export function reportMissingAddresses(
  hosts: readonly LocatedHost[],
  found: Addresses,
  problems: Problems,
): void {
  const remedy = remedyFor(hosts, found)
  for (const { host, location } of hosts) {
    problems.add(location, `host ${shown(host.name)} has no IPv4 address for the set`, remedy)
  }
}

/** Resolves the names by which hosts are reached, with `getent`: unlike Node's own lookup it can be stopped. */
export async function findAddresses(hosts: readonly LocatedHost[]): Promise<Addresses> {
  const names = hosts.map(({ host }) => host.address).filter((address) => isIP(address) === 0)
  const deadline = AbortSignal.timeout(resolveMs)
  // One listener a name.
  setMaxListeners(0, deadline)
  const inTurns = pLimit(maxLookups)
  const found = await Promise.all(
    [...new Set(names)].map((name) =>
      inTurns(async () => [name, await lookUp(name, deadline)] as const),
    ),
  )
  return new Map(found.filter(([, addresses]) => addresses.length > 0))
}

function lookUp(name: string, signal: AbortSignal): Promise<readonly string[]> {
  if (signal.aborted) return Promise.resolve([])
  return new Promise((resolve) => {
    execFile('getent', ['ahostsv4', name], { signal }, (error, stdout) => {
      const words = stdout.split('\n').map((line) => line.split(/\s/)[0] ?? '')
      resolve(error ? [] : [...new Set(words.filter(isMemberAddress))])
    })
  })
}

function remedyFor(hosts: readonly LocatedHost[], found: Addresses): string {
  const lines = hosts.flatMap(({ host }) => {
    const addresses = found.get(host.address)?.join(', ')
    return addresses === undefined ? [] : `    ${host.name}:  fw_addresses: [${addresses}]`
  })
  if (lines.length === 0) return 'Set fw_addresses to the IPv4 addresses that other nodes see.'
  const ask =
    'Give each host fw_addresses, with the addresses that other nodes see. On this machine the names resolve to:'
  return [ask, ...lines].join('\n')
}
