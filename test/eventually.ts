import { vi } from 'vitest'

/** Waits until an assertion holds. Unlike `expect.poll`, it may be used in tests that run side by side. */
export function eventually(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: 120_000, interval: 200 })
}
