import type { CommandDefinition } from './command.ts'
import { shells } from './completing/shell-scripts.ts'
import {
  firstOptions,
  groupOption,
  leaveOutsideOption,
  sourceOption,
} from './options/hosts-and-init-options.ts'
import {
  changedInterfaceOptions,
  checkOptions,
  diffOption,
  editCheckOptions,
  editedInventoryOption,
  extraVarsOption,
  forksOption,
  interfaceOptions,
  inventoryOption,
  inventoryVerboseOption,
  junitOption,
  limitOption,
  listHostsOption,
  loginOptions,
  outputOptions,
  planOptions,
  preflightVerboseOption,
  probingOptions,
  quietOption,
  reportOption,
  rulesDiffOption,
  settleOption,
  sshConfigOptions,
  statusOutputOptions,
  traceVerboseOption,
  unusedInterfaceOptions,
  verboseOption,
  versionVerboseOption,
  yesOption,
} from './options/options.ts'
import { safetyOptions, tolerateOption } from './options/safety-options.ts'
import {
  addSettings,
  applySettings,
  changeSettings,
  completionSettings,
  firstSettings,
  hostSettings,
  pastRunSettings,
  removeSettings,
  shownRunSettings,
  statusSettings,
  traceSettings,
} from './options/settings-from.ts'
import { traceOptions } from './options/trace-options.ts'

const selection = [inventoryOption, limitOption, listHostsOption, extraVarsOption]
const connection = [...selection, ...loginOptions, forksOption]
const probing = [...selection, ...probingOptions, forksOption]
const shown = [diffOption, verboseOption, quietOption]
const ofHosts = [
  editedInventoryOption,
  extraVarsOption,
  ...probingOptions,
  forksOption,
  ...changedInterfaceOptions,
]
const changing = [...editCheckOptions, ...safetyOptions, ...shown, ...outputOptions]

/** What commands with a name of two words are together, by the first. */
export const groupSummaries: Readonly<Record<string, string>> = {
  hosts: 'add a host to the cluster, or remove one',
}

/** What each command is, in the order of the help. The code of a command is loaded only when it is asked for. */
export const commands: readonly CommandDefinition[] = [
  {
    name: 'init',
    summary: 'write a first inventory with hosts that you type or give with -i, then run preflight',
    word: ['[file]', 'inventory file to write (default: inventory.yaml)'],
    options: [
      ...[sourceOption, extraVarsOption, ...loginOptions, forksOption, ...firstOptions],
      ...[diffOption, preflightVerboseOption, quietOption, ...outputOptions],
    ],
    connects: true,
    changesHosts: false,
    needsInventory: false,
    readSettings: firstSettings,
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'preflight',
    summary: 'run every check on every host and show what apply would do',
    options: [
      ...[...probing, ...interfaceOptions, diffOption, preflightVerboseOption, quietOption],
      ...[reportOption, junitOption, ...outputOptions],
    ],
    connects: true,
    changesHosts: false,
    needsInventory: true,
    readSettings: hostSettings,
    load: async () => (await import('./preflight.ts')).preflight,
  },
  {
    name: 'apply',
    summary: 'protect all hosts as the inventory says, or change none',
    options: [
      ...[...probing, ...changedInterfaceOptions, ...checkOptions, ...safetyOptions],
      ...[settleOption, ...shown],
      ...[tolerateOption, ...planOptions, reportOption, junitOption, ...outputOptions],
    ],
    connects: true,
    changesHosts: true,
    needsInventory: true,
    readSettings: applySettings,
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    name: 'status',
    summary: 'show whether each host is protected and how much was rejected',
    options: [
      ...[...connection, ...interfaceOptions, ...shown],
      ...[reportOption, junitOption, ...statusOutputOptions],
    ],
    connects: true,
    changesHosts: false,
    needsInventory: true,
    readSettings: statusSettings,
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'remove',
    summary: 'remove the guard from all hosts, or change none',
    options: [
      ...[...probing, ...unusedInterfaceOptions, ...checkOptions, ...safetyOptions],
      ...[tolerateOption, rulesDiffOption, verboseOption, quietOption, ...outputOptions],
    ],
    connects: true,
    changesHosts: true,
    needsInventory: true,
    readSettings: changeSettings,
    load: async () => (await import('./remove.ts')).remove,
  },
  {
    name: 'hosts add',
    summary:
      'add a host to the inventory file, and apply: the file and all hosts change, or nothing',
    word: ['<name>', 'NAME or NAME=ADDRESS of the new host'],
    options: [...ofHosts, groupOption, ...changing],
    connects: true,
    changesHosts: true,
    needsInventory: true,
    readSettings: addSettings,
    load: async () => (await import('./hosts.ts')).hosts,
  },
  {
    name: 'hosts remove',
    summary:
      'remove a host from the inventory file, and the guard from that host; then apply. The file and all hosts change, or nothing. If fw-run cannot log in to the host, its guard stays',
    word: ['<host>', 'name of a host in the inventory'],
    options: [...ofHosts, leaveOutsideOption, ...changing],
    connects: true,
    changesHosts: true,
    needsInventory: true,
    readSettings: removeSettings,
    load: async () => (await import('./hosts.ts')).hosts,
  },
  {
    name: 'trace',
    summary: 'follow one packet through the rules of a host',
    word: ['<host>', 'name of a host in the inventory'],
    options: [
      ...[inventoryOption, ...traceOptions, extraVarsOption, ...loginOptions],
      ...[traceVerboseOption, ...outputOptions],
    ],
    connects: true,
    changesHosts: false,
    needsInventory: true,
    readSettings: traceSettings,
    load: async () => (await import('./trace.ts')).trace,
  },
  {
    name: 'recover',
    summary: 'finish unfinished runs: keep their changes or roll them back',
    word: ['[run]', 'the id of a run, or its beginning'],
    options: [
      inventoryOption,
      extraVarsOption,
      ...loginOptions,
      forksOption,
      yesOption,
      ...outputOptions,
    ],
    connects: true,
    changesHosts: true,
    needsInventory: true,
    readSettings: pastRunSettings,
    load: async () => (await import('./recover.ts')).recover,
  },
  {
    name: 'runs',
    summary: 'list past runs on this jump host, or show one in full',
    word: ['[run]', 'the id of a run, or its beginning'],
    options: [rulesDiffOption, reportOption, ...outputOptions],
    connects: false,
    changesHosts: false,
    needsInventory: false,
    readSettings: shownRunSettings,
    load: async () => (await import('./runs.ts')).runs,
  },
  {
    name: 'inventory',
    summary: 'show the hosts, groups and set members of the inventory',
    options: [...selection, ...sshConfigOptions, inventoryVerboseOption, ...outputOptions],
    connects: false,
    changesHosts: false,
    needsInventory: true,
    readSettings: hostSettings,
    load: async () => (await import('./inventory.ts')).inventory,
  },
  {
    name: 'completion',
    summary: 'print the completion script for a shell',
    word: ['<shell>', 'shell that the script is for', shells],
    takesMore: true,
    options: [],
    connects: false,
    changesHosts: false,
    needsInventory: false,
    readSettings: completionSettings,
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'version',
    summary: 'print the version of fw-run',
    options: [versionVerboseOption, ...outputOptions],
    connects: false,
    changesHosts: false,
    needsInventory: false,
    readSettings: hostSettings,
    load: async () => (await import('./version.ts')).version,
  },
]

/** What a command is with `--list-hosts`: that of `inventory`, with less text. */
export const listing: Pick<CommandDefinition, 'name' | 'connects' | 'changesHosts' | 'load'> = {
  name: 'inventory',
  connects: false,
  changesHosts: false,
  load: async () => (await import('./list-hosts.ts')).listHosts,
}
