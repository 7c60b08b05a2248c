import { typed } from '../text/shell-quotes.ts'

/** Who owns a file or directory, and who may do what with it, as stat(2) says. */
interface Ownership {
  readonly uid: number
  readonly mode: number
}

/** Why a file or directory is not trusted: `belongs to …`, or `can be written by …`. `foreign`: this user does not own it. */
export interface Distrust {
  readonly why: string
  readonly foreign: boolean
}

/**
 * Why this user does not trust what a file or directory holds; undefined if it does. Another user could have written a
 * journal that makes `recover` change hosts.
 */
export function distrustOf({ uid, mode }: Ownership): Distrust | undefined {
  const foreign = uid !== userNumber()
  if (foreign && uid !== 0) return { why: `belongs to the user with UID ${uid}`, foreign }
  if ((mode & 0o022) === 0) return undefined
  return { why: `can be written by other users (mode ${(mode & 0o7777).toString(8)})`, foreign }
}

/** The shell command after which these files are trusted. It needs sudo only if another user owns one of them. */
export function trustingCommand(
  files: readonly (Pick<Distrust, 'foreign'> & { readonly file: string })[],
): string {
  const names = files.map(({ file }) => typed(file)).join(' ')
  const close = `chmod go-w ${names}`
  if (!files.some(({ foreign }) => foreign)) return close
  return `${userNumber() === 0 ? '' : 'sudo '}chown $(id -un) ${names} && ${close}`
}

function userNumber(): number | undefined {
  return process.geteuid?.()
}
