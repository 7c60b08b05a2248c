import type { Command } from './command.ts'

/** Loads a command by its name on the command line; each is loaded only when it is asked for. */
export const commands = {
  preflight: async () => (await import('./preflight.ts')).preflight,
  apply: async () => (await import('./apply.ts')).apply,
  status: async () => (await import('./status.ts')).status,
  remove: async () => (await import('./remove.ts')).remove,
  trace: async () => (await import('./trace.ts')).trace,
  recover: async () => (await import('./recover.ts')).recover,
  runs: async () => (await import('./runs.ts')).runs,
  inventory: async () => (await import('./inventory.ts')).inventory,
} as const satisfies Record<string, () => Promise<Command>>

export type CommandName = keyof typeof commands
