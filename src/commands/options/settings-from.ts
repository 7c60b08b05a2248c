import {
  defaultConfirm,
  defaultForks,
  defaultLease,
  defaultTimeout,
  defaultWatch,
} from '../../defaults.ts'
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
    interface: values.interface,
    yes: values.yes ?? false,
    ask: values.ask ?? false,
    confirm: confirm === true ? defaultConfirm : confirm,
    lease: values.lease ?? defaultLease,
    check: values.check ?? false,
    diff: values.diff ?? false,
    verbose: values.verbose ?? false,
    quiet: values.quiet ?? false,
    watch: settle === true ? defaultWatch : settle,
    trace: undefined,
    pastRun: undefined,
  }
}

function configSource(value: OptionValues['sshConfig']): CommandSettings['sshConfig'] {
  if (value === false) return 'none'
  return value === undefined ? 'usual' : { file: value }
}

/** The settings of a command about past runs: the word is the beginning of the id of one. */
export function pastRunSettings(values: OptionValues, word: string | undefined): CommandSettings {
  return { ...hostSettings(values), pastRun: word }
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
