import { hostname } from 'node:os'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { Run } from '../../runs/run.ts'
import { groupHosts } from '../../text/host-list.ts'
import { shortKey } from '../../text/short-key.ts'
import { version } from '../../version.ts'
import type { ExaminedCluster } from '../examine.ts'
import { differencesFrom } from './plans/differences.ts'
import { planFileText, readPlanFile, type SavedPlan } from './plans/plan-file.ts'
import { plannedHost } from './plans/planned-host.ts'

export type { SavedPlan }

/** The plan that `--plan` names; undefined without one. Throws a `usage` fault if the file is none. */
export async function planToKeep(file: string | undefined): Promise<SavedPlan | undefined> {
  return file === undefined ? undefined : readPlanFile(file)
}

/** The report, refused if anything is no longer as the plan says that somebody has approved. */
export function heldToPlan(
  found: RunReport,
  { examined }: Pick<ExaminedCluster, 'examined'>,
  saved: SavedPlan | undefined,
): RunReport {
  if (!saved) return found
  const held = { ...found, approved: true } as const
  if (found.kind !== 'pending' && found.kind !== 'done') return held
  const objections = differencesFrom(saved, examined)
  return objections.length === 0 ? held : { ...held, kind: 'refused', objections }
}

/** Makes the text of a plan file, for somebody else to approve; undefined if there is no plan for all hosts. */
export function planToSave(
  found: RunReport,
  cluster: Pick<ExaminedCluster, 'examined' | 'inventory' | 'tolerated'>,
  run: Run,
): (() => string) | undefined {
  if (found.kind !== 'pending' && found.kind !== 'done') return undefined
  const created = new Date().toISOString()
  return () => planText(cluster, created, run)
}

/** Throws an `output` fault if `--plan` could not read it. */
function planText(
  {
    examined,
    inventory,
    tolerated = [],
  }: Pick<ExaminedCluster, 'examined' | 'inventory' | 'tolerated'>,
  created: string,
  run: Run,
): string {
  const planned = examined.flatMap((one) => plannedHost(one) ?? [])
  const key = ({ intent, changes }: (typeof planned)[number]): string => shortKey([intent, changes])
  const plan: SavedPlan = {
    fwRunPlan: 1,
    created,
    who: `${run.user}@${hostname()}`,
    ...{ version, inventory: inventory.origin },
    leftOut: tolerated.map(({ host: { name, address } }) => ({ name, address })),
    plans: [...groupHosts(planned, key).values()].flatMap((group) => {
      if (!group[0]) return []
      const { intent, changes } = group[0]
      return [{ hosts: group.map(({ host }) => host), intent, changes }]
    }),
  }
  return planFileText(plan)
}
