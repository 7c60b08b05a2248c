import type { Command, Option } from 'commander'
import { shown } from '../text/shown.ts'
import { didYouSlip } from '../text/suggestion.ts'

const prefix = 'FW_RUN_'

/** The option, read from its variable, too: `--ask-pass` is FW_RUN_ASK_PASS. Empty is unset, and so is a switch that is off. */
export function fromEnvironment(option: Option): Option {
  const name = `${prefix}${option.name().toUpperCase().replaceAll('-', '_')}`
  const value = process.env[name]
  if (value === '' || (isSwitch(option) && /^(0|false|no|off)$/i.test(value ?? '')))
    delete process.env[name]
  return option.env(name)
}

/** What is wrong with the variables that a command reads, or are meant for flags, and what is doubtful about others. */
export function checkEnvironment(command: Command): {
  readonly fault: string | undefined
  readonly warnings: readonly string[]
} {
  const flags = (command.parent?.commands ?? [command]).flatMap(({ options }) => options)
  const known = new Set(flags.flatMap(({ envVar }) => envVar ?? []))
  const faults = command.options.flatMap((option) => faultOfSwitch(command, option) ?? [])
  const warnings: string[] = []
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith(prefix) || value === '' || known.has(name) || ofService.test(name))
      continue
    const words = `${shown(name)} in the environment is the variable of no flag`
    const meant = didYouSlip(name, known)
    if (meant) faults.push(`${words}: ${meant}`)
    else warnings.push(words)
  }
  return { fault: faults[0], warnings }
}

/** What Kubernetes gives to pods beside a Service that is called fw-run. */
const ofService = /^FW_RUN_(SERVICE_|PORT(_|$))/

/** What is wrong with a switch that the environment turns neither on nor off. */
function faultOfSwitch(command: Command, option: Option): string | undefined {
  const source = command.getOptionValueSource(option.attributeName())
  if (option.envVar === undefined || source !== 'env' || !isSwitch(option)) return undefined
  const value = process.env[option.envVar] ?? ''
  return /^(1|true|yes|on)$/i.test(value)
    ? undefined
    : `${option.envVar} is ${shown(value)}: give 1, true, yes or on, or 0, false, no or off`
}

function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional
}
