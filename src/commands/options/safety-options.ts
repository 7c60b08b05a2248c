import { Option } from 'commander'
import { defaultConfirm, defaultLease } from '../../defaults.ts'
import { maxSeconds, minLeaseSeconds } from '../../limits.ts'
import { leaseSeconds, positive } from './option-values.ts'

/** What guards a change until it is committed, of the commands that change hosts. */
export const safetyOptions: readonly Option[] = [
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
