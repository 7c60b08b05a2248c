import type { RunEvent, SeenProtection } from '../events.ts'
import { seenProtection } from '../outcomes/protection.ts'
import { failures, type HostReport, type RunReport } from '../outcomes/run-report.ts'
import { groupHosts, hostList } from '../text/host-list.ts'
import { protectionWords } from '../words/protection.ts'
import { describeChange } from './text/change-words.ts'

type ProtectionChanged = Extract<RunEvent, { kind: 'protection-changed' }>

/**
 * What a look found other than the look before, hosts with the same change together; without a look before, all that it
 * found. A host that has left the inventory is not told.
 */
export function changesOfProtection(
  before: RunReport | undefined,
  now: RunReport,
): readonly ProtectionChanged[] {
  const earlier = new Map(
    before?.hosts.map((host) => [host.host, seenProtection(host, before)] as const),
  )
  const changed = now.hosts.flatMap((host) => {
    const [was, is] = [earlier.get(host.host) ?? null, seenProtection(host, now)]
    return was === is ? [] : [{ host: host.host, was, is, detail: reasonOf(host, is) }]
  })
  const groups = groupHosts(changed, ({ was, is, detail }) => `${was} ${is} ${detail}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { was: beforeIt, is: after, detail } = first
    return [
      {
        kind: 'protection-changed',
        hosts: group.map(({ host }) => host),
        ...{ before: beforeIt, after },
        ...(detail !== undefined && { detail }),
      },
    ]
  })
}

/** Such a change in one line, with its time in UTC. */
export function protectionLine(
  { hosts, before, after, detail }: ProtectionChanged,
  time: Date,
): string {
  const seconds = time.toISOString().slice(0, 19).replace('T', ' ')
  const words = before === null ? '' : `${protectionWords[before]} -> `
  const why = detail === undefined ? '' : `: ${detail.replace(/\s+/g, ' ')}`
  return `${seconds}Z ${hostList(hosts)}: ${words}${protectionWords[after]}${why}`
}

function reasonOf(host: HostReport, is: SeenProtection): string | undefined {
  if (is === 'protected') return undefined
  const failed = failures(host)[0]?.result
  if (failed?.kind === 'fail') return failed.reason
  const changes = host.changes.flatMap(describeChange)
  return changes.length === 0 ? undefined : `apply would ${changes.join(', ')}`
}
