import { openCluster } from '../cluster/open-cluster.ts'
import { selectHosts } from '../cluster/select-hosts.ts'
import type { RunReport } from '../outcomes/run-report.ts'
import { passwordPrompt } from '../prompt/password.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import type { StandIns } from '../ssh/bastion-by-login.ts'
import { chooseInterface } from './choose-interface.ts'
import { examineHosts } from './examine.ts'
import { toProtect } from './goal.ts'
import { reportOn } from './report.ts'
import { warnOfUnfinished } from './unfinished-runs.ts'

export type LookSettings = RunSettings & { readonly diff: boolean }

/** Looks at all hosts once: reads the inventory and the hosts, and reports how each is protected. Changes nothing. */
export async function look(settings: LookSettings, run: Run): Promise<RunReport> {
  return lookWith(settings, run, chooseInterface)
}

/** The same, with what was chosen and answered before. */
export async function lookWith(
  settings: LookSettings,
  run: Run,
  choose: typeof chooseInterface,
  prompt = passwordPrompt(run.signal),
  standIns: StandIns = new Map(),
): Promise<RunReport> {
  const selected = await selectHosts(settings, run)
  const selection = await warnOfUnfinished(selected, run, false)
  await using cluster = await openCluster(selection, settings, run, prompt, standIns)
  const interfacesOf = await choose(cluster, settings, run)
  const goal = toProtect(cluster.inventory, interfacesOf, cluster.opened)
  const examined = await examineHosts(cluster, goal, 'look', run)
  return reportOn(examined, { diff: settings.diff }, run)
}
