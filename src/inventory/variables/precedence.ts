import type { Hierarchy } from '../reading/hierarchy.ts'
import type { RawHost } from '../reading/raw-inventory.ts'
import type { Variable } from './variable.ts'
import { isVariableName, type Values, type VariableName } from './variable-schemas.ts'

/** The variables that hold for one host, after precedence. */
export interface HostValues {
  readonly values: Values
  /** Variables that hold for the host but cannot be read: encrypted values, templates and the like. */
  readonly unreadable: readonly Variable[]
  /** False if a value had to be left out, because it is invalid or cannot be read. */
  readonly complete: boolean
  /** Where the value of a variable was defined; undefined if it was not. */
  definition(name: VariableName): Variable | undefined
}

/** What holds for every host. */
export interface Definitions {
  /** The variables of the command line. */
  readonly extra: ReadonlyMap<string, Variable>
  /** The values of all variables that can be used, as the schema of each makes them. */
  readonly checked: ReadonlyMap<Variable, unknown>
  /** Whether a variable holds a password that is asked for, so that one that cannot be read is no fault. */
  readonly asked: (name: string) => boolean
}

/** The values for a host: `-e` wins over the host, the host over its groups, the groups in Ansible's order. */
export function hostValues(
  host: RawHost,
  hierarchy: Hierarchy,
  { extra, checked, asked }: Definitions,
): HostValues {
  const layers = [
    ...hierarchy.groupsOf(host.name).map(({ variables }) => variables),
    host.variables,
    extra,
  ]
  const effective = new Map<VariableName, Variable>()
  for (const layer of layers) {
    for (const [name, variable] of layer) if (isVariableName(name)) effective.set(name, variable)
  }
  // A variable of Ansible without a value counts as not given; one of ours is a fault.
  const used = [...effective.values()].filter(
    ({ name, value }) => value !== null || name.startsWith('fw_'),
  )
  const unreadable = used.filter(
    (variable) => variable.unreadable !== undefined && !asked(variable.name),
  )
  const usable = [...effective].filter(([, variable]) => checked.has(variable))
  const definitions = new Map(usable)
  return {
    values: valuesFrom(usable.map(([name, variable]) => [name, checked.get(variable)])),
    unreadable,
    complete: used.every((variable) => checked.has(variable) || asked(variable.name)),
    definition: (name) => definitions.get(name),
  }
}

/** Values by name. Each comes from the schema of its name, so that together they are what all schemas make. */
function valuesFrom(pairs: readonly (readonly [VariableName, unknown])[]): Values {
  return Object.fromEntries(pairs) as Values
}
