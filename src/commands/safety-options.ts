import { Option } from 'commander'
import { defaultConfirm, defaultLease } from '../defaults.ts'
import { maxSeconds, minLeaseSeconds } from '../limits.ts'
import type { RunSettings } from '../stages/settings.ts'
import { leaseSeconds, positive } from './option-values.ts'

/** What the flags say that stand between a change and its commit. */
export interface SafetyValues {
  readonly confirm?: number | true
  readonly lease?: number
}

/** `--confirm` and `--lease`, of the commands that change hosts. */
export function safetyOptions(): readonly Option[] {
  return [
    new Option(
      '--confirm [seconds]',
      `ask before the change is kept, and roll it back unless confirmed within this many seconds (default ${defaultConfirm}, at most ${maxSeconds})`,
    ).argParser(positive),
    new Option(
      '--lease <seconds>',
      `how long a host keeps an uncommitted change when it hears no more of fw-run (${minLeaseSeconds} to ${maxSeconds})`,
    )
      .argParser(leaseSeconds)
      .default(defaultLease),
  ]
}

/** The settings that these flags make, for commands that do not have them, too. */
export function safetyFrom({
  confirm,
  lease,
}: SafetyValues): Pick<RunSettings, 'confirm' | 'lease'> {
  return {
    confirm: confirm === true ? defaultConfirm : confirm,
    lease: lease ?? defaultLease,
  }
}
