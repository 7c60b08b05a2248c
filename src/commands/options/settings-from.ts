import {
  defaultConfirm,
  defaultForks,
  defaultLease,
  defaultPause,
  defaultTimeout,
  defaultWatch,
} from '../../defaults.ts'
import { isStdin } from '../../inventory/source-names.ts'
import { parseNewHost } from '../../inventory/writing/new-host.ts'
import { shells } from '../completing/shell-scripts.ts'
import type { CommandSettings, OptionValues } from '../settings.ts'
import { arrivalFrom } from './trace-options.ts'

/** The settings of commands about hosts, with a default for each option that is not given. */
export function hostSettings(values: OptionValues): CommandSettings {
  const { confirm, settle } = values
  return {
    inventory: values.inventory ?? [],
    limit: values.limit,
    extraVars: values.extraVars ?? [],
    forks: values.forks ?? defaultForks,
    user: values.user,
    askPass: values.askPass ?? false,
    askBecomePass: values.askBecomePass ?? false,
    privateKey: values.privateKey,
    timeout: values.timeout ?? defaultTimeout,
    isTimeoutGiven: values.timeout !== undefined,
    sshConfig: configSource(values.sshConfig),
    acceptNewHostKeys: values.acceptNewHostKeys ?? false,
    transport: values.transport,
    interface: values.interface,
    yes: values.yes ?? false,
    serial: values.serial,
    serialFirst: values.serialFirst,
    wavePause: values.pause,
    tolerated: values.tolerateUnreachable,
    ask: values.ask ?? false,
    confirm: confirm === true ? defaultConfirm : confirm,
    lease: values.lease ?? defaultLease,
    check: values.check ?? false,
    diff: values.diff ?? false,
    verbose: values.verbose ?? false,
    quiet: values.quiet ?? false,
    watch: settle === true ? defaultWatch : settle,
    pause: values.watch === true ? defaultPause : values.watch,
    plan: values.plan,
    exports: exportsFrom(values),
    trace: undefined,
    first: undefined,
    hostChange: undefined,
    pastRun: undefined,
  }
}

function exportsFrom({ report, junit, planOut }: OptionValues): CommandSettings['exports'] {
  return [
    ...(report === undefined ? [] : [{ form: 'page', option: '--report', file: report } as const]),
    ...(junit === undefined ? [] : [{ form: 'junit', option: '--junit', file: junit } as const]),
    ...(planOut === undefined
      ? []
      : [{ form: 'plan', option: '--plan-out', file: planOut } as const]),
  ]
}

/** The settings of commands that change hosts, which they can do in waves. */
export function changeSettings(values: OptionValues): CommandSettings | { readonly fault: string } {
  const { pause, serial, serialFirst } = values
  if (pause !== undefined && serial === undefined && serialFirst === undefined)
    return { fault: '--pause needs --serial or --serial-first: it is a pause between two waves' }
  return hostSettings(values)
}

/** The settings of `apply`, which can write its plan, or keep to one. */
export function applySettings(values: OptionValues): CommandSettings | { readonly fault: string } {
  if (values.planOut !== undefined && !values.check) return { fault: '--plan-out needs --check' }
  return changeSettings(values)
}

/** The settings of `status`, which can look again and again, and write metrics. */
export function statusSettings(values: OptionValues): CommandSettings | { readonly fault: string } {
  const settings = hostSettings(values)
  const { output, to } = values
  if (to !== undefined && output !== 'prometheus')
    return { fault: '--to needs --output prometheus' }
  if (settings.pause !== undefined && settings.inventory.some(isStdin))
    return {
      fault:
        '--watch reads the inventory again at each look, so it cannot come from stdin (-i -): give a file',
    }
  if (settings.pause !== undefined && output === 'json')
    return {
      fault: '--watch does not end, so it cannot print one JSON document: use --output ndjson',
    }
  if (settings.pause !== undefined && output === 'prometheus' && to === undefined)
    return { fault: '--watch with --output prometheus needs --to FILE' }
  if (to === undefined) return settings
  const metrics = { form: 'metrics', option: '--to', file: to } as const
  return { ...settings, exports: [...settings.exports, metrics] }
}

function configSource(value: OptionValues['sshConfig']): CommandSettings['sshConfig'] {
  if (value === false) return 'none'
  return value === undefined ? 'usual' : { file: value }
}

/** The settings of a command about past runs: the word is the beginning of the id of one. */
export function pastRunSettings(values: OptionValues, word: string | undefined): CommandSettings {
  return { ...hostSettings(values), pastRun: word }
}

/** The same for `runs`, which makes a page of one run only. */
export function shownRunSettings(
  values: OptionValues,
  word: string | undefined,
): CommandSettings | { readonly fault: string } {
  if (values.report !== undefined && word === undefined)
    return { fault: '--report needs the id of a run: fw-run runs ID --report FILE' }
  return pastRunSettings(values, word)
}

/** The settings of `init`: the word is the file to write. */
export function firstSettings(values: OptionValues, file = 'inventory.yaml'): CommandSettings {
  const { overwrite = false, guard } = values
  const settings = hostSettings(values)
  const extraVars = guard ? [...settings.extraVars, `fw_guard=${guard}`] : settings.extraVars
  return { ...settings, extraVars, first: { file, overwrite, guard } }
}

/** The settings of `hosts add`: the word is the host. */
export function addSettings(
  values: OptionValues,
  word = '',
): CommandSettings | { readonly fault: string } {
  const host = parseNewHost(word)
  if ('fault' in host) return host
  const settings = changeSettings(values)
  if ('fault' in settings) return settings
  return { ...settings, hostChange: { kind: 'add', ...host, group: values.group } }
}

/** The settings of `hosts remove`: the word is the name of the host. */
export function removeSettings(
  values: OptionValues,
  name = '',
): CommandSettings | { readonly fault: string } {
  const { leaveOutside = false } = values
  const settings = changeSettings(values)
  if ('fault' in settings) return settings
  return { ...settings, hostChange: { kind: 'remove', name, leaveOutside } }
}

/** The settings of `trace`: the word is the name of the host. */
export function traceSettings(
  values: OptionValues,
  word = '',
): CommandSettings | { readonly fault: string } {
  const arrival = arrivalFrom(values)
  if ('fault' in arrival) return arrival
  return { ...hostSettings(values), trace: { host: word, arrival } }
}

/** The settings of `completion`: the shell, and what it asks. */
export function completionSettings(
  values: OptionValues,
  word: string | undefined,
  words: readonly string[],
): CommandSettings {
  const shell = shells.find((one) => one === word) ?? 'bash'
  return { ...hostSettings(values), completion: { shell, words } }
}
