/** Who owns a file or directory, and who may do what with it, as stat(2) says. */
interface Ownership {
  readonly uid: number
  readonly mode: number
}

/**
 * Why this user does not trust what a file or directory holds, as `belongs to …` or `can be written by …`; undefined if
 * it does. Another user could have written a journal that makes `recover` change hosts.
 */
export function distrustOf({ uid, mode }: Ownership): string | undefined {
  const user = process.geteuid?.() ?? uid
  if (uid !== user && uid !== 0) return `belongs to the user with the number ${uid}`
  return (mode & 0o022) === 0
    ? undefined
    : `can be written by other users (mode ${(mode & 0o7777).toString(8)})`
}
