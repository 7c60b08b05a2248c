import type { OpenedHost } from '../cluster/open-hosts.ts'
import { FwRunError } from '../errors.ts'
import type { Interface } from '../facts/interfaces.ts'
import type { Inventory, InventoryHost } from '../inventory/inventory.ts'
import { saveVariable } from '../inventory/writing/save-variable.ts'
import { savingPlace } from '../inventory/writing/saving-place.ts'
import {
  askInterface,
  askToSave,
  describeChoice,
  type InterfaceChoice,
} from '../prompt/interface.ts'
import { canAsk } from '../prompt/terminal.ts'
import type { Run } from '../runs/run.ts'
import type { RunSettings } from '../runs/run-settings.ts'
import { hostList } from '../text/host-list.ts'

/** The hosts that were read, and their inventory, which gets the answer if somebody wants that. */
export interface Asked {
  readonly opened: readonly OpenedHost[]
  readonly inventory: Pick<Inventory, 'files'>
}

/** Which interfaces to guard on a host. */
export type InterfacesOf = (host: InventoryHost) => readonly string[]

/**
 * Finds the interfaces to guard: in the inventory, else by one question for all hosts without a setting. There is no
 * default: without a terminal, a `usage` fault lists what was found.
 */
export async function chooseInterface(
  cluster: Asked,
  settings: RunSettings,
  run: Run,
): Promise<InterfacesOf> {
  return interfacesWith(await askIfUnset(cluster, settings, run))
}

/** The same for look after look: it asks when hosts without a setting are first read, and remembers the answer. */
export function choosingOnce(): typeof chooseInterface {
  let answer: string | undefined
  return async (...asked) => {
    answer ??= await askIfUnset(...asked)
    return interfacesWith(answer)
  }
}

function interfacesWith(answer: string | undefined): InterfacesOf {
  return ({ settings: { interfaces } }) =>
    interfaces.length > 0 || answer === undefined ? interfaces : [answer]
}

/** The answer for all hosts without a setting. Undefined where nothing is asked: all have one, or a check fails on those without. */
async function askIfUnset(
  { opened, inventory }: Asked,
  settings: RunSettings,
  run: Run,
): Promise<string | undefined> {
  const unset = opened.filter(
    ({ host, facts }) => facts?.network.kind === 'read' && host.settings.interfaces.length === 0,
  )
  if (unset.length === 0 || run.signal.aborted) return undefined
  const choices = interfaceChoices(unset)
  const remedy = 'Give --interface NAME, or set fw_interface in the inventory.'
  if (choices.length === 0) {
    const names = hostList(unset.map(({ host }) => host.name))
    const message = `fw_interface is not set for ${names}, and fw-run found no interface with an IPv4 address there.`
    throw new FwRunError('usage', message, { remedy })
  }
  if (!canAsk()) {
    const list = choices.map((choice) => `  ${describeChoice(choice, unset.length)}`).join('\n')
    throw new FwRunError(
      'usage',
      `fw_interface is not set, and there is no terminal to ask on. Found on the hosts:\n${list}`,
      { remedy },
    )
  }
  await run.flushed()
  const answer = await askInterface(choices, unset.length, run.signal)
  if (!settings.yes) await offerToSave(answer, settings.inventory, inventory, run)
  return answer
}

/** Saves the answer if the user wants that, or says where to write it if the inventory is not ours to edit. */
async function offerToSave(
  answer: string,
  given: readonly string[],
  { files }: Asked['inventory'],
  run: Run,
): Promise<void> {
  const place = await savingPlace(given, 'fw_interface', answer)
  if (place.kind === 'by-hand') {
    run.emit({ kind: 'warning', message: `fw_interface is not saved: ${place.advice}` })
  } else if (await askToSave(answer, place.file, run.signal)) {
    await saveVariable(place.file, 'fw_interface', answer, files)
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
