import { ask } from './terminal.ts'

/** Asks which hosts the cluster has; resolves with what was typed once `faultOf` finds no fault in it. */
export function askHosts(
  faultOf: (typed: string) => string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const question = {
    type: 'input',
    message: 'All nodes of the cluster, by name or address (with spaces between them):',
    validate: (typed: string) => faultOf(typed) ?? true,
  } as const
  return ask<string>(question, signal)
}

/** Asks who logs in; empty: as ssh does. */
export function askUser(user: string, signal: AbortSignal): Promise<string> {
  const message = `Login user on the hosts (empty: the user of your SSH configuration, else ${user}):`
  return ask<string>({ type: 'input', message, validate: () => true }, signal)
}

/** Asks whether to take the guard that each host can have, because `forward` does not work on these. */
export function askForAuto(hosts: string, signal: AbortSignal): Promise<boolean> {
  const message = `The guard forward does not work on ${hosts}. Let each host take nft or mangle (fw_guard: auto)?`
  return ask<boolean>({ type: 'confirm', message, default: true }, signal)
}

/** Shows the text of an inventory, and asks whether to write it. */
export function askToWrite(text: string, file: string, signal: AbortSignal): Promise<boolean> {
  process.stderr.write(`\n${text}\n`)
  return ask<boolean>({ type: 'confirm', message: `Write this to ${file}?`, default: true }, signal)
}
