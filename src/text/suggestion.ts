import { distance } from 'fastest-levenshtein'

/** The names close enough to be what was meant, or that begin so, nearest first; at most three. */
export function nearest(name: string, candidates: Iterable<string>): readonly string[] {
  const limit = Math.max(2, Math.floor(name.length / 4))
  return closest(
    name,
    candidates,
    (edits, candidate) =>
      (edits <= limit && edits < candidate.length) ||
      (name.length > 2 && candidate.toLowerCase().startsWith(name.toLowerCase())),
  )
}

/** `did you mean "a" or "b"?`, or nothing where no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  return question(nearest(name, candidates))
}

/** The same as a sentence of its own, for a remedy. */
export function didYouMeanSentence(name: string, candidates: Iterable<string>): string | undefined {
  return didYouMean(name, candidates)?.replace(/^d/, 'D')
}

/**
 * The same for a name that may well be meant as it is: asks only where a slip of the finger leads from one to the other,
 * a letter too few, too many, wrong, or two swapped. In long names two slips count, in the shortest none.
 */
export function didYouSlip(name: string, candidates: Iterable<string>): string | undefined {
  const few = (edits: number, candidate: string): boolean => {
    const { length } = telling(candidate)
    const slips = edits === 2 && lettersOf(name) === lettersOf(candidate) ? 1 : edits
    return length > 2 && slips <= (length < 8 ? 1 : 2)
  }
  return question(closest(name, candidates, few))
}

/** The part of a name that tells it from others of its family: `host` of `ansible_host`. */
function telling(name: string): string {
  return name.replace(/^(ansible_|fw_|FW_RUN_)/, '')
}

function lettersOf(name: string): string {
  return [...name.toLowerCase()].sort().join('')
}

function closest(
  name: string,
  candidates: Iterable<string>,
  near: (edits: number, candidate: string) => boolean,
): readonly string[] {
  return [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      edits: distance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, edits }) => near(edits, candidate))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

function question(names: readonly string[]): string | undefined {
  const quoted = names.map((name) => `"${name}"`)
  return quoted.length === 0 ? undefined : `did you mean ${quoted.join(' or ')}?`
}
