import { userInfo } from 'node:os'

/** Who runs fw-run; in a container the user may have a number but no name. */
export function localUser(): string {
  try {
    return userInfo().username
  } catch {
    return process.env.USER ?? process.env.LOGNAME ?? `uid-${process.getuid?.()}`
  }
}
