/** How a probe came out: it passed, or why not in words that follow its name, and what to do if that is known. */
export type Answer =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string; readonly remedy?: string }

export const passed: Answer = { kind: 'passed' }

/** An answer that says why. */
export function failed(reason: string, remedy?: string): Answer {
  return { kind: 'failed', reason, ...(remedy !== undefined && { remedy }) }
}
