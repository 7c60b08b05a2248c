import { openCluster } from '../cluster/open-cluster.ts'
import { closeHosts, openHosts } from '../cluster/open-hosts.ts'
import { selectHosts } from '../cluster/select-hosts.ts'
import { FwRunError } from '../errors.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { loadInventory } from '../inventory/load.ts'
import { nameOf } from '../inventory/source-names.ts'
import {
  demandNewFile,
  renderFirstInventory,
  writeNewFile,
} from '../inventory/writing/first-inventory.ts'
import { askToWrite } from '../prompt/first-inventory.ts'
import { canAsk } from '../prompt/terminal.ts'
import { chooseInterface } from '../stages/choose-interface.ts'
import { examineHosts } from '../stages/examine.ts'
import { askWhoAndWhere, chooseGuards } from '../stages/first-answers.ts'
import { toProtect } from '../stages/goal.ts'
import { reportOn } from '../stages/report.ts'
import { countHosts } from '../text/host-list.ts'
import { typed } from '../text/shell-quotes.ts'
import type { Perform } from './command.ts'
import { resultOf } from './result.ts'

/** `fw-run init`: asks, looks at the hosts, writes a first inventory, and runs preflight with it. Changes no host. */
export const init: Perform = async (given, run) => {
  const { first } = given
  if (!first) throw new FwRunError('usage', 'init needs a file.')
  const { file, overwrite } = first
  await demandNewFile(file, overwrite)
  const settings = await askWhoAndWhere(given, run)
  const source = nameOf(settings.inventory)
  const selected = await selectHosts(settings, run, {
    resolvesNames: true,
    remedyWithoutAddress: 'Give the address of that host in place of its name.',
  })
  await using cluster = await openCluster(selected, settings, run)
  const interfacesOf = await chooseInterface(cluster, { ...settings, yes: true }, run)
  if (cluster.opened.every(({ facts }) => facts?.network.kind !== 'read')) {
    const unread = await examineHosts(
      cluster,
      toProtect(cluster.inventory, interfacesOf, cluster.opened),
      'audit',
      run,
    )
    const report = reportOn(unread, { diff: false }, run)
    return withLine(
      resultOf(report, settings, run),
      `${file} is not written: no host could be read.`,
    )
  }
  const guardOf = await chooseGuards(cluster, interfacesOf, first.guard, settings, run)
  const answers = {
    source,
    user: settings.user,
    privateKey: settings.privateKey,
    interfacesOf,
    guardOf,
  }
  const text = renderFirstInventory(cluster.inventory, answers)
  await run.flushed()
  if (canAsk() && !settings.yes && !(await askToWrite(text, file, run.signal))) {
    throw new FwRunError('interrupted', `${file} is not written.`)
  }
  if (run.signal.aborted) {
    throw new FwRunError('interrupted', `Interrupted. fw-run wrote nothing to ${file}.`)
  }
  await writeNewFile(file, text, overwrite)
  const inventory = await loadInventory([file], { extraVars: [] })
  await closeHosts(cluster.opened)
  const hosts = inventory.hostsToProtect.map((host) => withSecrets(host, cluster.hosts))
  const opened = await openHosts(hosts, cluster.opener, run)
  try {
    const goal = toProtect(inventory, (host) => host.settings.interfaces, opened)
    const renewed = { ...cluster, inventory, hosts, opened }
    const report = reportOn(await examineHosts(renewed, goal, 'audit', run), settings, run)
    const found = resultOf(report, settings, run)
    const flags = passwordFlags(cluster.hosts)
    const isReady = found.exitCode === 0
    const words = ['fw-run', isReady ? 'apply' : 'preflight', '-i', typed(file), ...flags]
    const command = `\`${words.join(' ')}\``
    const next = isReady ? `To protect them: ${command}` : `To check them again: ${command}`
    return withLine(found, `${file} is written, with ${countHosts(hosts.length)}. ${next}`)
  } finally {
    await closeHosts(opened)
  }
}

/** A result with one more line at its end. */
function withLine(result: Awaited<ReturnType<Perform>>, line: string): typeof result {
  return { ...result, text: (view) => [...result.text(view), line] }
}

/** A host of the new inventory with the passwords that its source has: they are never written. */
function withSecrets(host: InventoryHost, sources: readonly InventoryHost[]): InventoryHost {
  const source = sources.find(({ name }) => name === host.name)
  return { ...host, password: source?.password, becomePassword: source?.becomePassword }
}

/** The flags that ask for the passwords of the source, because the new inventory has none. */
function passwordFlags(hosts: readonly InventoryHost[]): readonly string[] {
  return [
    ...(hosts.some(({ password }) => password) ? ['-k'] : []),
    ...(hosts.some(({ becomePassword }) => becomePassword) ? ['-K'] : []),
  ]
}
