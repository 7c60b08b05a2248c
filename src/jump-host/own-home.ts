import { homedir, userInfo } from 'node:os'

/** The home of the user by the password database, where ssh looks; HOME may be another. */
export function ownHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return homedir()
  }
}
