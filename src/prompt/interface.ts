import inquirer from 'inquirer'
import { asked, context } from './terminal.ts'

/** An interface found on hosts of the cluster, as the question shows it. */
export interface InterfaceChoice {
  readonly name: string
  readonly hosts: number
  readonly addresses: readonly string[]
  /** On how many hosts it carries the address that the inventory says. */
  readonly carriers: number
}

/** Asks which interface the subnet comes in on. */
export async function askInterface(
  choices: readonly InterfaceChoice[],
  hosts: number,
  signal: AbortSignal,
): Promise<string> {
  const module = inquirer.createPromptModule(context(signal))
  const question = {
    type: 'select' as const,
    name: 'value' as const,
    message: 'Which interface does the subnet of the nodes come in on?',
    choices: choices.map((choice) => ({ name: describeChoice(choice, hosts), value: choice.name })),
  }
  const { value } = await asked(module([question]))
  return value
}

/** Asks whether to write the answer to the inventory. */
export async function askToSave(name: string, file: string, signal: AbortSignal): Promise<boolean> {
  const module = inquirer.createPromptModule(context(signal))
  const message = `Save fw_interface: ${name} to ${file}?`
  const { value } = await asked(
    module([{ type: 'confirm', name: 'value', message, default: true }]),
  )
  return value
}

/** One interface in words: its name, on how many hosts it is, and with which addresses. */
export function describeChoice(choice: InterfaceChoice, hosts: number): string {
  const shown = choice.addresses.slice(0, 3).join(', ')
  const more = choice.addresses.length > 3 ? ', …' : ''
  const carries = choice.carriers > 0 ? `, the cluster address on ${choice.carriers}` : ''
  return `${choice.name.padEnd(15)} on ${choice.hosts} of ${hosts} hosts${carries}: ${shown}${more}`
}
