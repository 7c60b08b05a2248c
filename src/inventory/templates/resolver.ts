import type { Problems } from '../reading/problems.ts'
import type { Resolved } from '../variables/precedence.ts'
import type { Variable } from '../variables/variable.ts'
import { usableValue } from '../variables/variable-check.ts'
import { isSecretName } from '../variables/variable-schemas.ts'
import { evaluate, type Scope } from './evaluate.ts'

/** What gives each variable its value for a host. A value that many hosts share is checked once. */
export function createResolver(
  scope: Scope,
  checked: ReadonlyMap<Variable, unknown>,
  problems: Problems,
): (variable: Variable, host: string) => Resolved {
  const known = new Map<Variable, Map<string, Resolved>>()
  return (variable, host) => {
    const { template } = variable
    // Which group to protect is asked of the whole inventory, not of a host.
    if (template == null || variable.name === 'fw_group')
      return { variable, value: checked.get(variable) }
    const result = evaluate(variable.marked ?? template, host, scope)
    if ('fault' in result) return { variable: unreadable(variable, result.fault), value: undefined }
    const text = JSON.stringify(result.value)
    const results = known.get(variable) ?? new Map<string, Resolved>()
    known.set(variable, results)
    const before = results.get(text)
    if (before) return before
    const plain = { ...variable, value: result.value, unreadable: undefined, template: undefined }
    const resolved = {
      variable: plain,
      value: usableValue(plain, problems),
    }
    results.set(text, resolved)
    return resolved
  }
}

function unreadable(variable: Variable, fault: string): Variable {
  // A password with braces in it is no template, and what it names is a part of it.
  const message = isSecretName(variable.name) ? 'has a template that fw-run cannot evaluate' : fault
  return { ...variable, unreadable: { kind: 'template', message } }
}
