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
  /** False when a variable had to be left out because its value is invalid. */
  readonly complete: boolean
  /** Where the value of a variable was defined; undefined if it was not. */
  definition(name: VariableName): Variable | undefined
}

/** Resolves a host's variables: `-e` over host over groups, the groups by Ansible's order. */
export function hostValues(
  host: RawHost,
  hierarchy: Hierarchy,
  extra: ReadonlyMap<string, Variable>,
  invalid: ReadonlySet<Variable>,
): HostValues {
  const layers = [
    ...hierarchy.groupsOf(host.name).map(({ variables }) => variables),
    host.variables,
    extra,
  ]
  const effective = new Map<string, Variable>()
  for (const variable of layers.flatMap((layer) => [...layer.values()])) {
    if (isVariableName(variable.name)) effective.set(variable.name, variable)
  }
  const usable = [...effective.values()].filter(
    ({ value }) => value !== null && value !== undefined,
  )
  const valid = usable.filter((variable) => !invalid.has(variable))
  return {
    values: variableSchemas.parse(
      Object.fromEntries(valid.map(({ name, value }) => [name, value])),
    ),
    complete: [...effective.values()].every((variable) => !invalid.has(variable)),
    definition: (name) => {
      const variable = effective.get(name)
      return variable !== undefined && valid.includes(variable) ? variable : undefined
    },
  }
}
