import { FwRunError } from '../errors.ts'
import { shown } from '../text/shown.ts'
import { didYouMean } from '../text/suggestion.ts'
import type { RunSummary } from './past-run.ts'

/** The run whose id begins with the prefix; throws a `usage` fault if there is none, or more than one. */
export function findRun(runs: readonly RunSummary[], prefix: string): RunSummary {
  const found = runs.filter(({ id }) => id.startsWith(prefix))
  const [run, other] = found
  if (run && !other) return run
  const ids = found.map(({ id }) => id)
  if (run) {
    throw new FwRunError('usage', `The ids of ${ids.length} runs begin with ${shown(prefix)}.`, {
      remedy: `Give more of the id: ${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', …' : '.'}`,
    })
  }
  const all = runs.map((one) => one.id)
  const partly = all.filter((id) => prefix !== '' && id.includes(prefix)).slice(0, 3)
  const meant = partly.length > 0 ? `did you mean ${partly.join(' or ')}?` : didYouMean(prefix, all)
  throw new FwRunError('usage', `No run ${shown(prefix)} on this jump host.`, {
    remedy: meant ? `Give the beginning of its id: ${meant}` : '`fw-run runs` lists the runs.',
  })
}
