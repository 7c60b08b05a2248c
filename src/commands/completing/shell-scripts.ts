import { readOwnFile } from '../../own-files.ts'

/** The shells that can complete fw-run. */
export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/**
 * What a shell reads at its start to complete fw-run. It asks `fw-run completion SHELL -- WORD…` at each Tab, so an update
 * of fw-run changes nothing in it. An answer is a word, a tab and its meaning a line; or the line `:files`.
 */
export function shellScript(shell: Shell): string {
  return readOwnFile(new URL(`./completion.${shell}`, import.meta.url)).toString()
}
