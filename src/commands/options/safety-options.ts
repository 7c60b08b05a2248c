import { Option } from 'commander'
import { defaultConfirm, defaultLease } from '../../defaults.ts'
import { maxSeconds, minLeaseSeconds } from '../../limits.ts'
import { fewHosts, leaseSeconds, oneFirst, positive, waveSizes } from './option-values.ts'

/** Of the commands that may do their work where some hosts are down. */
export const tolerateOption = new Option(
  '--tolerate-unreachable <n>',
  'leave out hosts that do not answer at all: at most n hosts, or n% of the hosts of this run. If more do not answer, change nothing. Exit 3 if a host was left out',
).argParser(fewHosts)

/** What guards a change until it is committed, of the commands that change hosts. */
export const safetyOptions: readonly Option[] = [
  new Option('--ask', 'show what would change, and ask before anything is changed'),
  new Option(
    '--confirm [seconds]',
    `ask after the change whether to keep it; if you do not say yes within this many seconds, fw-run rolls it back (default ${defaultConfirm}, at most ${maxSeconds})`,
  ).argParser(positive),
  new Option(
    '--lease <seconds>',
    `if a host hears nothing from fw-run for this many seconds, it rolls back an uncommitted change (${minLeaseSeconds} to ${maxSeconds})`,
  )
    .argParser(leaseSeconds)
    .default(defaultLease),
  new Option(
    '--serial <list>',
    'change hosts in waves, and commit all at the end. 1,10%,100%: one host, then 10 % of the hosts to change, then the rest. 1,5: one host, then 5 at a time',
  ).argParser(waveSizes),
  new Option(
    '--serial-first <pattern>',
    'change these hosts first, then the others (in the waves of --serial); a pattern as for --limit',
  ).argParser(oneFirst),
  new Option(
    '--pause <seconds>',
    'after each wave except the last, wait this many seconds, then try the probes again',
  ).argParser(positive),
]
