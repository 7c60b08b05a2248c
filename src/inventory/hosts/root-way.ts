import type { RootWay } from '../../ssh/root-way.ts'
import { shown } from '../../text/shown.ts'
import type { Problems } from '../reading/problems.ts'
import type { HostValues } from '../variables/precedence.ts'
import { opening } from '../variables/variable.ts'
import type { Values, VariableName } from '../variables/variable-schemas.ts'

/** The variable of a host that says with what it becomes root. As in Ansible, the one for its way alone wins: `ansible_su_exe`. */
export function becomeName<const What extends 'user' | 'exe' | 'flags' | 'pass'>(
  values: Values,
  what: What,
) {
  const method = METHODS.get(values.ansible_become_method ?? 'sudo')
  const own = method && (`ansible_${method}_${what}` as const)
  return own && values[own] !== undefined ? own : (`ansible_become_${what}` as const)
}

/** How the `ansible_` variables want a host's user to become root; undefined: they do not say, or say what fw-run does not have. */
export function rootWayOf(values: Values): RootWay | undefined {
  const named = values.ansible_become_method
  const program = values[becomeName(values, 'exe')]
  const flags = values[becomeName(values, 'flags')]
  if ((named ?? program ?? flags) === undefined) return undefined
  const method = METHODS.get(named ?? 'sudo')
  if (!method) return undefined
  const read = readFlags(method, flags ?? '')
  return 'refused' in read
    ? undefined
    : { method, program: program ?? method, options: read.options }
}

/** Records a way to become root that fw-run does not have. */
export function checkRootWay(host: HostValues, problems: Problems): void {
  const refused = refusedPart(host.values)
  const variable = refused && host.definition(refused.name)
  if (!refused || !variable) return
  const message = `${opening(variable)}${shown(refused.value)} is not supported; ${refused.reason}`
  problems.add(variable.locationOf([]), message)
}

interface Refused {
  readonly name: VariableName
  readonly value: string
  readonly reason: string
}

function refusedPart(values: Values): Refused | undefined {
  const { ansible_become_method: named = 'sudo' } = values
  const method = METHODS.get(named)
  if (!method) {
    const reason = 'use sudo, su or doas'
    return { name: 'ansible_become_method', value: named, reason }
  }
  const name = becomeName(values, 'flags')
  const read = readFlags(method, values[name] ?? '')
  if ('options' in read) return undefined
  const reason = `fw-run runs ${method} with its own options`
  return { name, value: read.refused, reason }
}

const METHODS: ReadonlyMap<string, RootWay['method']> = new Map([
  ['sudo', 'sudo'],
  ['ansible.builtin.sudo', 'sudo'],
  ['su', 'su'],
  ['ansible.builtin.su', 'su'],
  ['doas', 'doas'],
  ['community.general.doas', 'doas'],
])

/** Options that say what fw-run does anyway, or what has no meaning for it: the environment that root gets. */
const WITHOUT_EFFECT: Readonly<Record<RootWay['method'], RegExp>> = {
  sudo: /^(-[HSnEi]+|--set-home|--stdin|--non-interactive|--preserve-env|--login)$/,
  su: /^(-[lmp]*|--login|--preserve-environment)$/,
  doas: /^-n$/,
}

/** The options that are passed on, each with its value: the SELinux role and type. */
const PASSED_ON = /^(-[rt]|--role|--type)$/

type Flags = { readonly options: readonly string[] } | { readonly refused: string }

/** The options to pass on, or the first word that is none which fw-run knows. */
function readFlags(method: RootWay['method'], text: string): Flags {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const options: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const value = words[at + 1]
    if (WITHOUT_EFFECT[method].test(word)) continue
    if (method !== 'sudo' || !PASSED_ON.test(word) || !/^[\w.:]+$/.test(value ?? '')) {
      return { refused: word }
    }
    options.push(word, value ?? '')
    at++
  }
  return { options }
}
