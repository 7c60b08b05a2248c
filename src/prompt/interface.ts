import { ask } from './terminal.ts'

/** An interface found on hosts of the cluster, as the question shows it. */
export interface InterfaceChoice {
  readonly name: string
  readonly hosts: number
  readonly addresses: readonly string[]
  /** On how many hosts it carries the address that the inventory gives for them. */
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

/** One interface in words that fit a line of 80: its name, the number of hosts that have it, and an address. */
export function describeChoice(choice: InterfaceChoice, hosts: number): string {
  const found = [...new Set(choice.addresses)]
  const more = found.length > 1 ? ', …' : ''
  const carries = choice.carriers > 0 ? `, cluster address on ${choice.carriers}` : ''
  return `${choice.name.padEnd(15)} on ${choice.hosts} of ${hosts}${carries}: ${found[0]}${more}`
}
