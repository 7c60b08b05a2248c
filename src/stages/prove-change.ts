import type { InventoryHost } from '../inventory/inventory.ts'
import { briefProbe, type TriedProbe } from '../probes/tried-probe.ts'
import type { Objection } from '../transaction/outcome.ts'
import { answerAgain } from './answer-again.ts'
import { askToKeep } from './ask-to-keep.ts'
import type { Opener } from './open-hosts.ts'
import type { Run } from './run.ts'
import { tryAfter } from './try-probes.ts'

/** The hosts changed, the probes tried before, and for how many seconds somebody is asked; unset: nobody is. */
export interface ChangeToProve {
  readonly hosts: readonly InventoryHost[]
  /** What was found and changed on them, in lines for whoever is asked. */
  readonly shown: readonly string[]
  readonly probes: readonly TriedProbe[]
  readonly opener: Opener
  readonly confirm: number | undefined
}

/** What speaks against keeping the change, and the probes with how they came out after it. */
export interface Proof {
  readonly objections: readonly Objection[]
  readonly probes: readonly TriedProbe[]
  /** Whether somebody was asked. */
  readonly asked: boolean
}

/**
 * Asks, once every host is changed and verified, whether the change may stay: do the hosts answer new connections, does
 * all that worked before still work, does somebody say yes. The first that objects ends it.
 */
export async function proveChange(
  { hosts, shown, probes, opener, confirm }: ChangeToProve,
  run: Run,
  signal: AbortSignal,
): Promise<Proof> {
  const unanswered = await answerAgain(hosts, opener, run, signal)
  if (unanswered.length > 0) return { objections: unanswered, probes, asked: false }
  const tried = await tryAfter(probes, opener.timeout, run, signal)
  const broken = tried.flatMap(objectionOf)
  if (broken.length > 0 || confirm === undefined || signal.aborted) {
    return { objections: broken, probes: tried, asked: false }
  }
  const names = hosts.map(({ name }) => name)
  return { probes: tried, ...(await askToKeep({ hosts: names, shown }, confirm, run, signal)) }
}

function objectionOf({ probe, after }: TriedProbe): Objection[] {
  if (after?.kind !== 'failed') return []
  const reason = `${briefProbe(probe)} failed after the change (it had passed before): ${after.reason}`
  return [{ kind: 'probe', reason: `probe ${reason}` }]
}
