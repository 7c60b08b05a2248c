import type { OpenCluster } from '../cluster/open-cluster.ts'
import { FwRunError } from '../errors.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { type FirstAnswers, listOfHosts } from '../inventory/writing/first-inventory.ts'
import { askForAuto, askHosts, askUser } from '../prompt/first-inventory.ts'
import { canAsk } from '../prompt/terminal.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import { hostList } from '../text/host-list.ts'
import type { InterfacesOf } from './choose-interface.ts'
import { examineHosts } from './examine.ts'
import { otherGuard } from './examining/other-guard.ts'
import { peersOf } from './examining/peers-of.ts'
import { toProtect } from './goal.ts'

/** The settings with the hosts and the user that a person names, where no flag does. A `usage` fault if nobody can be asked for hosts. */
export async function askWhoAndWhere<Given extends RunSettings>(
  settings: Given,
  run: Run,
): Promise<Given> {
  if (settings.inventory.length > 0) return settings
  if (!canAsk()) {
    throw new FwRunError('usage', 'init needs hosts, and there is no terminal to ask on.', {
      remedy:
        'Give them with -i: `fw-run init -i 192.0.2.11,192.0.2.12,192.0.2.13`, or `kubectl get nodes -o json | fw-run init -i -`.',
    })
  }
  await run.flushed()
  const faultOf = (words: string): string | undefined => {
    const hosts = listOfHosts(words)
    return 'fault' in hosts ? hosts.fault : undefined
  }
  const hosts = listOfHosts(await askHosts(faultOf, run.signal))
  const inventory = 'list' in hosts ? [hosts.list] : []
  if (settings.user !== undefined) return { ...settings, inventory }
  const user = (await askUser(run.user, run.signal)).trim()
  return { ...settings, inventory, ...(user !== '' && { user }) }
}

type GuardOf = FirstAnswers['guardOf']

/**
 * The guard of each host for a first inventory: the one that is wanted, or else what the source says. Where that is `forward` for all, a check of
 * it fails, and another guard works on all those hosts: `auto` for all, unless somebody says no.
 */
export async function chooseGuards(
  cluster: OpenCluster,
  interfacesOf: InterfacesOf,
  wanted: InventoryHost['settings']['guard'] | undefined,
  settings: { readonly yes: boolean },
  run: Run,
): Promise<GuardOf> {
  if (wanted) return () => wanted
  const own: GuardOf = ({ settings }) => settings.guard
  if (cluster.inventory.hostsToProtect.some((host) => own(host) !== 'forward')) return own
  const goal = toProtect(cluster.inventory, interfacesOf, cluster.opened)
  const { examined } = await examineHosts(cluster, goal, 'audit', run)
  const failing = examined.filter(
    ({ facts, findings }) => facts && findings.some(({ result }) => result.kind === 'fail'),
  )
  const mended = failing.every((one) => {
    const peers = peersOf(cluster.inventory, one.host)
    return one.facts && otherGuard(one, one.facts, goal, peers)() !== undefined
  })
  if (failing.length === 0 || !mended) return own
  const names = hostList(failing.map(({ host }) => host.name))
  await run.flushed()
  if (canAsk() && !settings.yes) return (await askForAuto(names, run.signal)) ? auto : own
  const message = `the guard forward does not work on ${names}, so the inventory gets fw_guard: auto. To choose another guard, give --guard`
  run.emit({ kind: 'warning', message })
  return auto
}

const auto: GuardOf = () => 'auto'
