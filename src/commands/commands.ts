import { apply } from './apply.ts'
import type { Command } from './command.ts'
import { inventory } from './inventory.ts'
import { preflight } from './preflight.ts'
import { remove } from './remove.ts'
import { status } from './status.ts'

/** Every command by its name on the command line. */
export const commands = { preflight, apply, status, remove, inventory } as const satisfies Record<
  string,
  Command
>

export type CommandName = keyof typeof commands
