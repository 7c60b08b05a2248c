import { readOwnFile } from '../../own-files.ts'
import { quote } from '../../shell.ts'
import {
  asideChain,
  asideSet,
  asideSet6,
  bootMark,
  bootProgram,
  bootService,
  firewallServices,
  guardChain,
  guardTable,
  lateUnits,
  movingMark,
} from '../names.ts'

const parts = [
  'agent',
  'facts',
  'fingerprint',
  'processes',
  'time-limits',
  'run-directory',
  'lock',
  'set-and-rules',
  'table',
  'chain',
  'boot-files',
  'transaction',
  'watchdog',
] as const

/**
 * What starts the agent with its first request: one group, which sh reads to its end before it runs any of it. The
 * program keeps its own text for the watchdog.
 */
export function startingText(words: readonly string[]): string {
  program ??= quote(agentProgram())
  return `{\nprogram=${program}\neval "$program"\nagent ${words.map(quote).join(' ')}\nexit\n}\n`
}

/** The program in POSIX sh. Its parts lie beside this file; the build puts them beside its own. */
function agentProgram(): string {
  const names = [
    `aside4=${asideSet} aside6=${asideSet6} aside=${asideSet}`,
    `moving_mark=${movingMark} guard_table='${guardTable}'`,
    `guard_chain=${guardChain} aside_chain=${asideChain}`,
    `boot_program=${bootProgram} boot_service=${bootService} boot_mark='${bootMark}'`,
    `boot_firewalls='${firewallServices.map((name) => `${name}.service`).join(' ')}'`,
    `boot_late='${lateUnits.join(' ')}'`,
  ].join('\n')
  return `${names}\n${parts.map(readPart).join('\n')}`
}

/** The program as a word of sh: thousands of hosts get the same. */
let program: string | undefined

/** A part without its comments and indents, which need not travel. No string of the program has a line that begins with a blank. */
function readPart(part: string): string {
  const text = readOwnFile(new URL(`./${part}.sh`, import.meta.url)).toString()
  return text.replace(/^ *(#.*)?\n/gm, '').replace(/^ +/gm, '')
}
