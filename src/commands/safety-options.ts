import { InvalidArgumentError, Option } from 'commander'
import type { RunSettings } from '../stages/settings.ts'

/** What the flags say that stand between a change and its commit. */
export interface SafetyValues {
  readonly confirm?: number | true
  readonly lease?: number
}

const defaultConfirm = 60
const defaultLease = 30

/** `--confirm` and `--lease`, of the commands that change hosts. */
export function safetyOptions(seconds: (value: string) => number): readonly Option[] {
  return [
    new Option(
      '--confirm [seconds]',
      `ask before the change is kept, and take it back unless somebody says yes within so long (default ${defaultConfirm}, at most 3600)`,
    ).argParser(seconds),
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

function leaseSeconds(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 5 || number > 3600)
    throw new InvalidArgumentError('Give whole seconds, 5 to 3600.')
  return number
}
