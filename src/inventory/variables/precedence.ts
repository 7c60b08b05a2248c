import type { Hierarchy } from '../reading/hierarchy.ts'
import type { Holder, RawHost, RawInventory } from '../reading/raw-inventory.ts'
import type { Variable } from './variable.ts'
import {
  isNeedless,
  isNotGiven,
  isVariableName,
  type Values,
  type VariableName,
} from './variable-schemas.ts'

/** The variables that hold for one host, after precedence. */
export interface HostValues {
  readonly values: Values
  /** Variables that hold for the host but cannot be read: encrypted values, templates and the like. */
  readonly unreadable: readonly Variable[]
  /** Variables that hold for the host with a value that cannot be used. */
  readonly invalid: readonly Variable[]
  /** False if a value had to be left out, because it is invalid or cannot be read. */
  readonly complete: boolean
  /** Where the value of a variable was defined; undefined if it was not. */
  definition(name: VariableName): Variable | undefined
}

/** What holds for every host. */
export interface Definitions {
  /** The variables of the command line. */
  readonly extra: ReadonlyMap<string, Variable>
  /** Whether a variable holds a password that is asked for, so that one that cannot be read is no fault. */
  readonly asked: (name: string) => boolean
  /** The variable with its templates replaced for a host, and its value as the schema makes it, if that is possible. */
  readonly resolved: (variable: Variable, host: string) => Resolved
  /** The directory to which paths of a source are relative. */
  readonly directoryOf: (source: string) => string
}

/**
 * The holders whose variables hold for a host, in Ansible's order; later ones win: the groups as the inventory states them, parents first;
 * `group_vars/all`; `group_vars` of the other groups; the host as the inventory states it; `host_vars`.
 */
export function holdersOf(
  host: RawHost,
  { layers }: RawInventory,
  hierarchy: Hierarchy,
): readonly Holder[] {
  const groups = hierarchy.groupsOf(host.name)
  const ofGroups = (names: readonly string[]): readonly Holder[] =>
    layers.flatMap((layer) => names.flatMap((name) => layer.groups.get(name) ?? []))
  const names = groups.map(({ name }) => name).filter((name) => name !== 'all')
  return [
    ...groups,
    ...ofGroups(['all']),
    ...ofGroups(names),
    host,
    ...layers.flatMap((layer) => layer.hosts.get(host.name) ?? []),
  ]
}

/** A variable as it holds for one host. */
export interface Resolved {
  readonly variable: Variable
  /** Undefined if there is none that can be used. */
  readonly value: unknown
}

/** The values for a host: `-e` wins over all that the inventory states. */
export function hostValues(
  host: RawHost,
  raw: RawInventory,
  hierarchy: Hierarchy,
  { extra, asked, resolved }: Definitions,
): HostValues {
  const layers = [...holdersOf(host, raw, hierarchy).map(({ variables }) => variables), extra]
  const effective = new Map<VariableName, Variable>()
  for (const layer of layers) {
    for (const [name, variable] of layer) if (isVariableName(name)) effective.set(name, variable)
  }
  const found = [...effective].map(
    ([name, variable]) => [name, resolved(variable, host.name)] as const,
  )
  const used = found.map(([, one]) => one).filter(({ variable }) => !isNotGiven(variable))
  const usable = found.filter(([, { value }]) => value !== undefined)
  const definitions = new Map(usable.map(([name, { variable }]) => [name, variable]))
  const values = valuesFrom(usable.map(([name, { value }]) => [name, value]))
  const isNeeded = (name: string) => !asked(name) && !isNeedless(name, values)
  const unreadable = used
    .map(({ variable }) => variable)
    .filter(({ name, unreadable }) => unreadable !== undefined && isNeeded(name))
  const invalid = used.filter(
    ({ variable, value }) => value === undefined && variable.unreadable === undefined,
  )
  return {
    values,
    unreadable,
    invalid: invalid.map(({ variable }) => variable),
    complete: used.every(({ variable, value }) => value !== undefined || !isNeeded(variable.name)),
    definition: (name) => definitions.get(name),
  }
}

/** Values by name. Each comes from the schema of its name, so that together they are what all schemas make. */
function valuesFrom(pairs: readonly (readonly [VariableName, unknown])[]): Values {
  return Object.fromEntries(pairs) as Values
}
