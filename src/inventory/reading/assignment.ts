import type { Location, Problems } from './problems.ts'

/**
 * Whether a variable (`name=value`) stands in a text where only the name of a host or group may. Records a fault that never shows the
 * text: the value may be a password.
 */
export function hasAssignment(
  text: string,
  location: Location,
  problems: Problems,
  remedy: string = IN_YAML,
): boolean {
  if (!text.includes('=')) return false
  const name = assignedIn(text)
  const fault = name
    ? `the variable ${name} stands where a name is expected`
    : 'a name must not contain "="'
  problems.add(location, fault, remedy)
  return true
}

/** The name of the first variable in a text such as `node1 ansible_port=22`; undefined if there is none. */
export function assignedIn(text: string): string | undefined {
  return /(\w+)\s*=/.exec(text)?.[1]
}

/** How a variable is written in YAML. */
export const IN_YAML =
  'In YAML, write each variable on its own line, as "name: value", under its host or under "vars:".'
