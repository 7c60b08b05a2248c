import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { viewOf } from '../../src/text/paint.ts'

function painted(isTTY: boolean, colourful = true): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  const { paint } = viewOf(stream as unknown as NodeJS.WriteStream, colourful)
  return paint('red', 'x')
}

describe('viewOf', () => {
  beforeEach(() => {
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', undefined)
  })
  afterEach(() => vi.unstubAllEnvs())

  it('paints on a terminal only', () => {
    expect(painted(true)).toBe('\u001b[31mx\u001b[39m')
    expect(painted(false)).toBe('x')
  })

  it('does not paint with NO_COLOR or --no-color', () => {
    expect(painted(true, false)).toBe('x')
    vi.stubEnv('NO_COLOR', '1')
    expect(painted(true)).toBe('x')
  })

  it('paints into a pipe with FORCE_COLOR, and not where that is 0', () => {
    vi.stubEnv('FORCE_COLOR', '1')
    expect(painted(false)).toBe('\u001b[31mx\u001b[39m')
    expect(painted(false, false)).toBe('x')
    vi.stubEnv('FORCE_COLOR', '0')
    expect(painted(true)).toBe('x')
  })
})
