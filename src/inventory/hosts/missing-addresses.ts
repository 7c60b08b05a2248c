import { execFile } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { isIP } from 'node:net'
import pLimit from 'p-limit'
import { maxLookups, resolveMs } from '../../limits.ts'
import { shown } from '../../text/shown.ts'
import { memberAddress } from '../addresses.ts'
import type { Settings } from '../inventory.ts'
import type { Problems } from '../reading/problems.ts'
import { renderValue } from '../yaml/render-value.ts'
import type { LocatedHost } from './located-hosts.ts'

/** Addresses that this machine finds for names of hosts. A name that does not resolve in time is missing. */
export type Addresses = ReadonlyMap<string, readonly string[]>

/** A host without an address for the set, what to add to the words about it, and what to do if it is no node. */
export interface Addressless extends LocatedHost {
  readonly hint?: string
  readonly noNode?: string
}

/** Records hosts without an address for the set. The remedy is the line to add, with the addresses that were found; without any, `otherwise`. */
export function reportMissingAddresses(
  hosts: readonly Addressless[],
  found: Addresses,
  problems: Problems,
  otherwise = otherwiseFor(hosts),
): void {
  const remedy = remedyFor(hosts, found) ?? otherwise
  for (const { host, location, hint = '' } of hosts) {
    const fault = `host ${shown(host.name)} has no ${nounFor([{ host }])} for the set`
    problems.add(location, `${fault}${hint}`, remedy)
  }
}

function otherwiseFor(hosts: readonly Addressless[]): string {
  const set = `Set fw_addresses to the ${nounFor(hosts)}es from which this host sends packets to other nodes.`
  const noNode = hosts.find((one) => one.noNode !== undefined)?.noNode
  return noNode === undefined ? set : `${set} ${noNode}.`
}

/** Resolves the names by which hosts are reached, with `getent`: unlike Node's own lookup it can be stopped. */
export async function findAddresses(hosts: readonly LocatedHost[]): Promise<Addresses> {
  const named = hosts.filter(({ host }) => isIP(host.address) === 0)
  const names = new Map(named.map(({ host }) => [host.address, host.settings.guard]))
  const deadline = AbortSignal.timeout(resolveMs)
  // One listener a name.
  setMaxListeners(0, deadline)
  const inTurns = pLimit(maxLookups)
  const found = await Promise.all(
    [...names].map(([name, guard]) =>
      inTurns(async () => [name, await lookUp(name, guard, deadline)] as const),
    ),
  )
  return new Map(found.filter(([, addresses]) => addresses.length > 0))
}

function lookUp(
  name: string,
  guard: Settings['guard'],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (signal.aborted) return Promise.resolve([])
  return new Promise((resolve) => {
    execFile(
      'getent',
      [guard === 'forward' ? 'ahostsv4' : 'ahosts', name],
      { signal },
      (error, stdout) => {
        const words = stdout.split('\n').map((line) => line.split(/\s/)[0] ?? '')
        resolve(error ? [] : [...new Set(words.flatMap((word) => memberAddress(word) ?? []))])
      },
    )
  })
}

function remedyFor(hosts: readonly LocatedHost[], found: Addresses): string | undefined {
  const lines = hosts.flatMap(({ host }) => {
    const addresses = found.get(host.address)?.join(', ')
    return addresses === undefined
      ? []
      : `    ${renderValue(host.name)}: { fw_addresses: [${addresses}] }`
  })
  if (lines.length === 0) return undefined
  const ask =
    'Set fw_addresses of each host to the addresses from which it sends packets to other nodes. On this machine the names resolve to:'
  return [ask, ...lines].join('\n')
}

function nounFor(hosts: readonly Pick<LocatedHost, 'host'>[]): string {
  return hosts.some(({ host }) => host.settings.guard !== 'forward') ? 'IP address' : 'IPv4 address'
}
