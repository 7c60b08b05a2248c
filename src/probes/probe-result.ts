/** How a probe came out. `reason` follows the name of the probe in a sentence; `remedy` is set where one is known. */
export type ProbeResult =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string; readonly remedy?: string }

/** The result of a probe that passed. */
export const passed: ProbeResult = { kind: 'passed' }

/** The result of a probe that failed. */
export function failed(reason: string, remedy?: string): ProbeResult {
  return { kind: 'failed', reason, ...(remedy !== undefined && { remedy }) }
}
