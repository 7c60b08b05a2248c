import { afterEach, beforeEach, vi } from 'vitest'

let printed = ''

/** What was printed since the test began. */
export function printedSoFar(): string {
  return printed
}

/** Keeps each test of a file from the environment of the person who runs it, and from the terminal. */
export function isolate(): void {
  beforeEach(() => {
    printed = ''
    for (const name of Object.keys(process.env))
      if (name.startsWith('FW_RUN_')) vi.stubEnv(name, undefined)
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        printed += text
        return true
      })
    }
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
}
