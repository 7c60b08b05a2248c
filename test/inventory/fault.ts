import { FwRunError } from '../../src/errors.ts'
import { parseInventory } from '../../src/inventory/load.ts'

/** The FwRunError that the action throws. */
export function faultOf(action: () => unknown): FwRunError {
  try {
    action()
  } catch (error) {
    if (error instanceof FwRunError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The same for a promise. */
export async function faultOfAsync(action: Promise<unknown>): Promise<FwRunError> {
  const error = await action.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error instanceof FwRunError) return error
  throw new Error('no FwRunError was thrown', { cause: error })
}

/** The problems of an inventory text, one a line. */
export function problemsOf(text: string, ...extraVars: string[]): readonly string[] {
  return faultOf(() => parseInventory(text, 'inventory.yaml', { extraVars })).message.split('\n')
}

/** The inventory that a text makes. */
export function inventoryOf(text: string, ...extraVars: string[]) {
  return parseInventory(text, 'inventory.yaml', { extraVars })
}

/** The host of that name. */
export function hostIn(inventory: ReturnType<typeof inventoryOf>, name: string) {
  const host = inventory.hosts.find((candidate) => candidate.name === name)
  if (!host) throw new Error(`no host ${name}`)
  return host
}
