import { distance } from 'fastest-levenshtein'

/** The names close enough to be what was meant, nearest first; at most three. */
export function nearest(name: string, candidates: Iterable<string>): readonly string[] {
  const limit = Math.max(2, Math.floor(name.length / 4))
  return [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      edits: distance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, edits }) => edits <= limit && edits < candidate.length)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** `did you mean "a" or "b"?`, or nothing where no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const names = nearest(name, candidates).map((candidate) => `"${candidate}"`)
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}
