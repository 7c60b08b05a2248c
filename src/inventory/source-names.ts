import { existsSync, realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'

/** What messages call an inventory: the arguments of all `-i`. */
export function nameOf(given: readonly string[]): string {
  return given.join(', ')
}

/** Whether an argument of `-i` is a list of hosts, such as `node1,node2` or `node1,`. As in Ansible, a file of that name comes first. */
export function isHostList(argument: string): boolean {
  return argument.includes(',') && !existsSync(argument)
}

/** Whether an argument of `-i` means the standard input. */
export function isStdin(argument: string): boolean {
  return argument === '-'
}

/** What journals call an inventory, by which it is found again: the arguments of all `-i`, absolute, a line for each. */
export function originOf(given: readonly string[]): string {
  return given.map(absolute).join('\n')
}

/** The arguments that an origin is made of. */
export function argumentsOf(origin: string): readonly string[] {
  return origin.split('\n')
}

/** The first argument of `-i` that leads to this file, which is named without symbolic links: to itself, or to a directory around it. */
export function argumentFor(file: string, given: readonly string[]): string | undefined {
  return given.find((argument) => {
    const path = realPath(absolute(argument))
    return path === file || file.startsWith(path + sep)
  })
}

/**
 * Whether an origin leads to files that are there, and none of them is, holds, or is in, what these arguments lead to. Files that are gone may
 * have been moved. The standard input and lists of hosts are no files.
 */
export function leadsElsewhere(origin: string, given: readonly string[]): boolean {
  const there = argumentsOf(origin).filter((one) => existsSync(one))
  const meets = (one: string): boolean =>
    argumentFor(realPath(one), given) !== undefined ||
    given.some((other) => argumentFor(realPath(absolute(other)), [one]) !== undefined)
  return there.length > 0 && !there.some(meets)
}

/** The path without symbolic links; the path itself if there is no such file. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function absolute(argument: string): string {
  return isStdin(argument) || isHostList(argument) ? argument : resolve(argument)
}
