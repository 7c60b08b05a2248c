import { FwRunError, messageOf } from '../../errors.ts'
import type { HostChange, HostEdit } from '../../inventory/writing/edit-hosts.ts'
import {
  demandChangeable,
  fileChange,
  forgetFileChange,
  makeFileChange,
  replaceText,
  takeBackFileChange,
} from '../../inventory/writing/file-change.ts'
import type { RunReport } from '../../outcomes/run-report.ts'
import type { Run } from '../../runs/run.ts'
import { recordDecision } from './transacting/journal-events.ts'

/** An edit of the inventory file that a run makes together with its change of hosts. */
export interface InventoryEdit {
  /** What a report says of it before it is made. */
  readonly planned: NonNullable<RunReport['edit']>
  /**
   * Makes the edit, then what follows it, unless Ctrl-C comes before that. If either fails, the file is as before, to the byte, and the fault is thrown.
   */
  readonly around: (next: () => Promise<void>) => Promise<void>
  /** Makes the edit where no host is to be changed, unless Ctrl-C comes before that: after its decision, because nothing would have to be taken back. */
  readonly alone: () => Promise<void>
  /** Clears up at the end of a run, and says in its report what became of the file. */
  readonly finish: (report: RunReport) => Promise<RunReport>
}

/**
 * Prepares an edit: the file is not written yet, but the journal says what is planned, so that `recover` can take it back. An FwRunError if
 * the file could not be written; with `check`, nothing is tried.
 */
export async function prepareEdit(
  { file, before, after }: HostEdit,
  host: HostChange,
  { check }: { readonly check: boolean },
  run: Run,
): Promise<InventoryEdit> {
  if (!check) await demandChangeable(file)
  const change = await fileChange(file, { before, after }, run.id)
  const { kind, name } = host
  run.journal.note({ kind: 'inventory-edit', ...change, change: host })
  const planned = { file, change: kind, host: name, written: false }
  let written = false
  return {
    planned,
    async around(next) {
      await makeFileChange(change, after)
      try {
        // On a slow disk it took seconds, in which Ctrl-C has promised a rollback.
        demandNoInterruption(run)
        await next()
        written = true
      } catch (error) {
        await takeBackFileChange(change).catch((fault) =>
          run.emit({ kind: 'warning', message: inWords(fault) }),
        )
        throw error
      }
    },
    async alone() {
      demandNoInterruption(run)
      await recordDecision(run, { held: false })
      try {
        demandNoInterruption(run)
        await replaceText(change, after)
        written = true
      } catch (error) {
        run.journal.note({ kind: 'undecided' })
        throw error
      }
    },
    async finish(report) {
      const unsure = report.hosts.some(({ outcome }) => outcome?.kind === 'incomplete')
      // `recover` may still need the way to a host that has left the inventory.
      if (written && !unsure) forgetFileChange(change)
      const open = report.kind === 'done' && !written
      return { ...report, ...(open && { kind: 'pending' }), edit: { ...planned, written } }
    },
  }
}

/** Throws if Ctrl-C has come: then nothing new may be begun. */
function demandNoInterruption({ signal }: Run): void {
  if (signal.aborted) throw new FwRunError('interrupted', 'Interrupted.')
}

/** A fault in one line, with what to do about it. */
function inWords(fault: unknown): string {
  const remedy = fault instanceof FwRunError ? fault.remedy : undefined
  return [messageOf(fault), ...(remedy === undefined ? [] : [remedy])].join(' ')
}
