import { ask } from './terminal.ts'

/** An interface found on hosts of the cluster, as the question shows it. */
export interface InterfaceChoice {
  readonly name: string
  readonly hosts: number
  readonly addresses: readonly string[]
  /** On how many hosts it has an address that the inventory adds to the set. */
  readonly carriers: number
}

/** Asks which interface receives traffic from the subnet; resolves with its name. */
export function askInterface(
  choices: readonly InterfaceChoice[],
  hosts: number,
  signal: AbortSignal,
): Promise<string> {
  const question = {
    type: 'select',
    message: 'Which interface receives traffic from the subnet of the nodes?',
    choices: choices.map((choice) => ({ name: describeChoice(choice, hosts), value: choice.name })),
  } as const
  return ask<string>(question, signal)
}

/** Asks whether to write the interface to the inventory. */
export function askToSave(name: string, file: string, signal: AbortSignal): Promise<boolean> {
  const message = `Save fw_interface: ${name} to ${file}?`
  return ask<boolean>({ type: 'confirm', message, default: true }, signal)
}

/**
 * One interface: its name, how many hosts have it, on how many it has an address of the set, and an address. As a rule the
 * words fit a line of 80.
 */
export function describeChoice(choice: InterfaceChoice, hosts: number): string {
  const found = [...new Set(choice.addresses)]
  const more = found.length > 1 ? ', …' : ''
  const carries =
    choice.carriers > 0 ? ` (${choice.carriers} with the address in the inventory)` : ''
  return `${choice.name}: on ${choice.hosts} of ${hosts} hosts${carries}: ${found[0]}${more}`
}
