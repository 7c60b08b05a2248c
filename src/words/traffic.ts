/** What becomes of a kind of traffic, for a person. What is not certain, programs know as `unsure`, or `null` for before this run. */
export function trafficWord(fate: string | null | undefined): string {
  return fate && fate !== 'unsure' ? fate : 'not certain'
}
