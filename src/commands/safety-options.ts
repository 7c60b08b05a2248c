import { Option } from 'commander'
import type { RunSettings } from '../stages/settings.ts'
import { leaseSeconds, positive } from './option-values.ts'

/** What the flags say that stand between a change and its commit. */
export interface SafetyValues {
  readonly confirm?: number | true
  readonly lease?: number
}

const defaultConfirm = 60
const defaultLease = 30

/** `--confirm` and `--lease`, of the commands that change hosts. */
export function safetyOptions(): readonly Option[] {
  return [
    new Option(
      '--confirm [seconds]',
      `ask before the change is kept, and take it back unless somebody says yes within so long (default ${defaultConfirm}, at most 3600)`,
    ).argParser(positive),
    new Option(
      '--lease <seconds>',
      'how long a host keeps a change that is not committed when it hears no more of fw-run (5 to 3600)',
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
