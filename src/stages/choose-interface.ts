import type { OpenedHost } from '../cluster/open-hosts.ts'
import { FwRunError } from '../errors.ts'
import type { Interface } from '../facts/interfaces.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { saveVariable } from '../inventory/save-variable.ts'
import { savingPlace } from '../inventory/saving-place.ts'
import {
  askInterface,
  askToSave,
  describeChoice,
  type InterfaceChoice,
} from '../prompt/interface.ts'
import { canAsk } from '../prompt/terminal.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'

/** Which interfaces to guard on a host. */
export type InterfacesOf = (host: InventoryHost) => readonly string[]

/**
 * Finds the interfaces to guard: in the inventory, else by one question for all hosts without a setting. There is no
 * default: without a terminal, a `usage` fault lists what was found.
 */
export async function chooseInterface(
  opened: readonly OpenedHost[],
  settings: RunSettings,
  run: Run,
): Promise<InterfacesOf> {
  const unset = opened.filter(({ host, facts }) => facts && host.settings.interfaces.length === 0)
  if (unset.length === 0 || run.signal.aborted) return (host) => host.settings.interfaces
  const choices = interfaceChoices(unset)
  if (!canAsk()) {
    const list = choices.map((choice) => `  ${describeChoice(choice, unset.length)}`).join('\n')
    throw new FwRunError(
      'usage',
      `fw_interface is not set, and there is no terminal to ask on. Found on the hosts:\n${list}`,
      {
        remedy: 'Give --interface NAME, or set fw_interface in the inventory.',
      },
    )
  }
  await run.flushed()
  const answer = await askInterface(choices, unset.length, run.signal)
  if (!settings.yes) await offerToSave(answer, settings.inventory, run)
  return (host) => (host.settings.interfaces.length > 0 ? host.settings.interfaces : [answer])
}

/** Saves the answer if the user wants that, or says where to write it if the inventory is not ours to edit. */
async function offerToSave(answer: string, inventory: readonly string[], run: Run): Promise<void> {
  const place = await savingPlace(inventory, 'fw_interface', answer)
  if (place.kind === 'by-hand') {
    run.emit({ kind: 'warning', message: `fw_interface is not saved: ${place.advice}` })
  } else if (await askToSave(answer, place.file, run.signal)) {
    await saveVariable(place.file, 'fw_interface', answer)
  }
}

/** All interfaces with an address, the likeliest first: first by the number of hosts on which it has an address of the set, then by the number of all that have it. */
function interfaceChoices(opened: readonly OpenedHost[]): readonly InterfaceChoice[] {
  const choices = new Map<
    string,
    { name: string; hosts: number; addresses: string[]; carriers: number }
  >()
  for (const { host, facts } of opened) {
    if (facts?.network.kind !== 'read') continue
    for (const one of facts.network.value.interfaces) {
      if (!isCandidate(one)) continue
      const choice = choices.get(one.name) ?? {
        name: one.name,
        hosts: 0,
        addresses: [],
        carriers: 0,
      }
      choice.hosts += 1
      choice.addresses.push(...one.addresses)
      if (one.addresses.some((address) => host.settings.addresses.includes(address)))
        choice.carriers += 1
      choices.set(one.name, choice)
    }
  }
  return [...choices.values()].sort((a, b) => b.carriers - a.carriers || b.hosts - a.hosts)
}

function isCandidate({ name, addresses }: Interface): boolean {
  return name !== 'lo' && addresses.length > 0
}
