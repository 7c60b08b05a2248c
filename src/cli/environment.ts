import type { Command, Option } from 'commander'
import { shown } from '../text/shown.ts'
import { didYouSlip } from '../text/suggestion.ts'

const prefix = 'FW_RUN_'

/** The option, also read from its variable: `--ask-pass` from FW_RUN_ASK_PASS. An empty one counts as unset, as does a switch that is off. */
export function fromEnvironment(option: Option): Option {
  const name = `${prefix}${option.name().toUpperCase().replaceAll('-', '_')}`
  const value = process.env[name]
  if (value === '' || (isSwitch(option) && /^(0|false|no|off)$/i.test(value ?? '')))
    delete process.env[name]
  return option.env(name)
}

/** The first fault in variables of a command's options, or in misspelt ones; and a warning for each other unknown FW_RUN_… */
export function checkEnvironment(command: Command): {
  readonly fault: string | undefined
  readonly warnings: readonly string[]
} {
  const all = commandsOf(rootOf(command)).flatMap(({ options }) => options)
  const known = new Set(all.flatMap(({ envVar }) => envVar ?? []))
  const faults = command.options.flatMap((option) => faultOfSwitch(command, option) ?? [])
  const warnings: string[] = []
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith(prefix) || value === '' || known.has(name) || ofService.test(name))
      continue
    const words = `${shown(name)} in the environment is not the variable of any option`
    const meant = didYouSlip(name, known)
    if (meant) faults.push(`${words}: ${meant}`)
    else warnings.push(words)
  }
  return { fault: faults[0], warnings }
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command
}

/** A command and all below it. */
function commandsOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsOf)]
}

/** Variables that Kubernetes sets in pods beside a Service named fw-run. */
const ofService = /^FW_RUN_(SERVICE_|PORT(_|$))/

/** The fault of a switch whose variable means neither on nor off. A value for --ask-pass may be the password itself. */
function faultOfSwitch(command: Command, option: Option): string | undefined {
  const source = command.getOptionValueSource(option.attributeName())
  if (option.envVar === undefined || source !== 'env' || !isSwitch(option)) return undefined
  const value = process.env[option.envVar]
  // The value of an option may come from the variable of its opposite.
  if (value === undefined) return undefined
  return /^(1|true|yes|on)$/i.test(value)
    ? undefined
    : `${option.envVar} ${isPasswordSwitch(option) ? 'has a value that fw-run does not know' : `is ${shown(value)}`}. To switch it on, set it to 1, true, yes or on. To switch it off, set it to 0, false, no or off.`
}

function isPasswordSwitch(option: Option): boolean {
  return /^ask-.*pass$/.test(option.name())
}

function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional
}
