import type { Run } from '../runs/run.ts'
import { hostList } from '../text/host-list.ts'
import { type Share, shareOf } from '../text/share.ts'
import type { OpenCluster } from './open-cluster.ts'
import { isSilent, type OpenedHost } from './open-hosts.ts'

/**
 * The cluster without the hosts that answered nothing at all, if they are no more than `most` (unset: none). They stay
 * members of every set. At least one host must be left, and all that are to go first. Writes down which hosts it leaves out.
 */
export function tolerateUnreachable<Cluster extends OpenCluster>(
  cluster: Cluster,
  most: Share | undefined,
  run: Run,
): Cluster {
  const silent = cluster.opened.filter(isSilent)
  if (most !== undefined) warnOfFaultyHosts(cluster.opened, run)
  const isCanary = ({ host }: OpenedHost): boolean => Boolean(cluster.serial?.first.has(host.name))
  const all = cluster.opened.length
  const allowed = most === undefined ? 0 : Math.min(shareOf(most, all), all - 1)
  if (silent.length === 0 || silent.length > allowed || silent.some(isCanary)) return cluster
  const hosts = silent.map(({ host: { name, address } }) => ({ name, address }))
  run.journal.note({ kind: 'left-out', hosts })
  const gone = new Set(silent.map(({ host }) => host))
  return {
    ...cluster,
    hosts: cluster.hosts.filter((host) => !gone.has(host)),
    opened: cluster.opened.filter(({ host }) => !gone.has(host)),
    tolerated: silent,
  }
}

/** Says why a host with a fault stays, where somebody wants to go on without those that cannot be reached. */
function warnOfFaultyHosts(opened: readonly OpenedHost[], run: Run): void {
  const faulty = opened.filter((one) => !one.facts && !isSilent(one))
  if (faulty.length === 0) return
  const names = hostList(faulty.map(({ host }) => host.name))
  const message = `--tolerate-unreachable leaves out only hosts that do not answer at all. fw-run does not leave out ${names}: ${faulty.length === 1 ? 'it' : 'they'} may be up, and may still forward packets`
  run.emit({ kind: 'warning', message })
}
