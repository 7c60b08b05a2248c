import { homedir, userInfo } from 'node:os'
import { FwRunError } from '../errors.ts'

/** The home of the user by the password database, where ssh looks; HOME may be another. */
export function ownHome(): string {
  try {
    return userInfo().homedir
  } catch {
    return givenHome()
  }
}

/** The home that HOME names, or else the password database. In a container, a user may have neither. */
export function givenHome(): string {
  try {
    return homedir()
  } catch (cause) {
    throw new FwRunError('usage', 'fw-run does not know the home directory of this user.', {
      cause,
      remedy: 'Set HOME to a directory that this user may write to.',
    })
  }
}
