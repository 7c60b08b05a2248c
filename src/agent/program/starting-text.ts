import { maxServices, requestSeconds } from '../../limits.ts'
import { onceFor } from '../../memory/once-for.ts'
import { readOwnFile } from '../../own-files.ts'
import { quote } from '../../text/shell-quotes.ts'
import { firewallServices, flushingServices, lateUnits } from '../boot-order.ts'
import {
  asideChain,
  asideSet,
  asideSet6,
  bootAgain,
  bootMark,
  bootProgram,
  bootService,
  guardChain,
  guardTable,
  movingMark,
  tableNote,
} from '../names.ts'

/** The conversation, and what reads a host. */
const reading: readonly string[] = [
  'agent',
  'reading/tools',
  'reading/facts',
  'reading/which-guard',
  'reading/rules',
  'reading/sets',
  'reading/network',
  'reading/kubernetes-services',
  'reading/other-programs',
  'reading/fingerprint',
  'reading/processes',
  'reading/clock',
  'reading/run-directory',
  'reading/holder',
  'reading/table',
  'reading/chain',
  'reading/unseen',
  'reading/boot-files',
]

/** The same, and what changes a host. */
const whole: readonly string[] = [
  ...reading,
  'changing/lock',
  'changing/set-and-rules',
  'changing/put-table',
  'changing/put-chain',
  'changing/put-boot-files',
  'changing/transaction',
  'changing/watchdog',
]

/**
 * What starts the agent with its first request: one group, which sh reads to its end before it runs any of it. The
 * program keeps its own text for the watchdog. An agent that only reads is half as long, and cannot change a host.
 */
export function startingText(words: readonly string[], changes = true): string {
  const program = quotedProgram(changes ? whole : reading)
  return `{\nprogram=${program}\neval "$program"\nagent ${words.map(quote).join(' ')}\nexit\n}\n`
}

/** The program as a word of sh, made once: thousands of hosts get the same. */
const quotedProgram = onceFor((parts: readonly string[]) => quote(textOf(parts)))

/** Parts of the program in POSIX sh. They lie below this file; the build puts them below its own. */
function textOf(parts: readonly string[]): string {
  return `${names()}\n${parts.map(readPart).join('\n')}`
}

function names(): string {
  return [
    `aside4=${asideSet} aside6=${asideSet6} aside=${asideSet}`,
    `moving_mark=${movingMark} guard_table='${guardTable}' table_note=${tableNote}`,
    `guard_chain=${guardChain} aside_chain=${asideChain} example_services=${maxServices}`,
    `answer_limit=${requestSeconds}`,
    `boot_program=${bootProgram} boot_service=${bootService} boot_mark='${bootMark}'`,
    `boot_again=${bootAgain} boot_flushing='${unitsOf(flushingServices)}'`,
    `boot_firewalls='${unitsOf(firewallServices)}'`,
    `boot_late='${lateUnits.join(' ')}'`,
  ].join('\n')
}

function unitsOf(services: readonly string[]): string {
  return services.map((name) => `${name}.service`).join(' ')
}

/** A part without its comments and indents, which need not travel. No string of the program has a line that begins with a blank. */
function readPart(part: string): string {
  const text = readOwnFile(new URL(`./${part}.sh`, import.meta.url)).toString()
  return text.replace(/^ *(#.*)?\n/gm, '').replace(/^ +/gm, '')
}
