import { distance } from 'fastest-levenshtein'

/** The candidates that the writer of a name may have meant, or that begin with it; nearest first, at most three. */
export function nearest(name: string, candidates: Iterable<string>): readonly string[] {
  const maxEdits = Math.max(2, Math.floor(name.length / 4))
  return closest(
    name,
    candidates,
    (edits, candidate) =>
      (edits <= maxEdits && edits < candidate.length) ||
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
 * The same for a name that may be right as it is: asks only about candidates that are one slip away, a letter missing,
 * added, wrong, or two swapped. A long name may hold two slips, a very short one none.
 */
export function didYouSlip(name: string, candidates: Iterable<string>): string | undefined {
  const few = (edits: number, candidate: string): boolean => {
    const { length } = withoutPrefix(candidate)
    const slips = edits === 2 && lettersOf(name) === lettersOf(candidate) ? 1 : edits
    return length > 2 && slips <= (length < 8 ? 1 : 2)
  }
  const alike = [...candidates].filter(({ length }) => Math.abs(length - name.length) <= 2)
  return question(closest(name, alike, few))
}

/** A name without the prefix of its family: `host` of `ansible_host`. */
function withoutPrefix(name: string): string {
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
