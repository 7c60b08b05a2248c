import type { Hierarchy } from '../reading/hierarchy.ts'
import type { RawHost } from '../reading/raw-inventory.ts'
import type { Variable } from './variable.ts'
import {
  isVariableName,
  type Values,
  type VariableName,
  variableSchemas,
} from './variable-schemas.ts'

/** The variables that hold for one host, after precedence. */
export interface HostValues {
  readonly values: Values
  /** Variables that hold for the host but cannot be read: encrypted values, templates and the like. */
  readonly unreadable: readonly Variable[]
  /** False if a value had to be left out, because it is invalid or unreadable. */
  readonly complete: boolean
  /** Where the value of a variable was defined; undefined if it was not. */
  definition(name: VariableName): Variable | undefined
}

/** What holds for every host: the variables of the command line, and those that cannot be used. */
export interface Overrides {
  readonly extra: ReadonlyMap<string, Variable>
  readonly invalid: ReadonlySet<Variable>
  /** Passwords that are asked for, so that an unreadable one is no fault. */
  readonly asked: (name: VariableName) => boolean
}

/** The values for a host: `-e` wins over the host, the host over its groups, the groups in Ansible's order. */
export function hostValues(
  host: RawHost,
  hierarchy: Hierarchy,
  { extra, invalid, asked }: Overrides,
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
  const unreadable = [...effective].filter(
    ([name, variable]) => variable.unreadable !== undefined && !asked(name),
  )
  const usable = [...effective].filter(
    ([, variable]) =>
      variable.value !== null && variable.value !== undefined && !invalid.has(variable),
  )
  const definitions = new Map(usable)
  return {
    values: variableSchemas.parse(
      Object.fromEntries(usable.map(([name, { value }]) => [name, value])),
    ),
    unreadable: unreadable.map(([, variable]) => variable),
    complete:
      unreadable.length === 0 &&
      [...effective.values()].every((variable) => !invalid.has(variable)),
    definition: (name) => definitions.get(name),
  }
}
