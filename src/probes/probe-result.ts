/** How a probe came out: it passed, or why not in words that follow its name, and what to do if that is known. */
export type ProbeResult =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string; readonly remedy?: string }

export const passed: ProbeResult = { kind: 'passed' }

/** An answer that says why. */
export function failed(reason: string, remedy?: string): ProbeResult {
  return { kind: 'failed', reason, ...(remedy !== undefined && { remedy }) }
}
