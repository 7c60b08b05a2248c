import { acceptableChecks, checkList } from '../../check-list.ts'
import { shown } from '../../text/shown.ts'
import { didYouMean } from '../../text/suggestion.ts'
import { listOf } from './value-shapes.ts'

/** The ids of checks whose warnings are accepted: only of checks that warn of what can stay so for good. */
export const acceptedChecks = listOf('the id of a check', (id) => {
  if (acceptableChecks.includes(id)) return undefined
  if (Object.hasOwn(checkList, id))
    return `${shown(id)} cannot be accepted; give one of ${acceptableChecks.join(', ')}`
  const meant = didYouMean(id, acceptableChecks) ?? `give one of ${acceptableChecks.join(', ')}`
  return `${shown(id)} is not the id of a check: ${meant}`
})
