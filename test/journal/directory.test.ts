import { afterEach, describe, expect, it, vi } from 'vitest'
import { runsDirectory } from '../../src/journal/directory.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('runsDirectory', () => {
  it.each([
    ['/var/state', '/var/state/fw-run/runs'],
    ['relative', '/home/ann/.local/state/fw-run/runs'],
    ['', '/home/ann/.local/state/fw-run/runs'],
  ])('with XDG_STATE_HOME=%j is %s', (state, expected) => {
    vi.stubEnv('XDG_STATE_HOME', state)
    vi.stubEnv('HOME', '/home/ann')
    expect(runsDirectory()).toBe(expected)
  })
})
