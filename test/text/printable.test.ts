import { describe, expect, it } from 'vitest'
import { isPrintable, printable, printableLines } from '../../src/text/printable.ts'

/** What makes a terminal act, hides text or turns it round: control, format, separator, private and unassigned characters. */
const harmful = [
  '\u0000',
  '\u001b',
  '\u007f',
  '\u009b',
  '\u00ad',
  '\u200b',
  '\u202e',
  '\u2028',
  '\u2029',
  '\u2066',
  '\ufeff',
  '\ue000',
  '\ud800',
  '\u{e0041}',
  '\u0378',
]

describe('isPrintable', () => {
  it.each(harmful)('sees what a terminal must not get: %j', (character) => {
    expect(isPrintable(`a${character}b`)).toBe(false)
  })

  it.each(['', 'node-1', 'Zürich', '節点', 'naïve 🚀', 'a\u00a0b'])('lets %j be', (text) => {
    expect(isPrintable(text)).toBe(true)
  })
})

describe('printable', () => {
  it.each(harmful)('makes a space of %j', (character) => {
    expect(printable(`a${character}${character}b`)).toBe('a b')
  })

  it('is one line, trimmed, of at most 200 characters', () => {
    expect(printable('\r\none\r\n\ttwo\u2028three\n')).toBe('one two three')
    expect(printable('x'.repeat(5000))).toBe('x'.repeat(200))
  })
})

describe('printableLines', () => {
  it.each(harmful)('replaces %j, one for one', (character) => {
    expect(printableLines(`a${character}${character}b`)).toBe('a\ufffd\ufffdb')
  })

  it('keeps lines and tabs', () => {
    expect(printableLines('one\n\ttwo\n')).toBe('one\n\ttwo\n')
    expect(printableLines('one\r\n')).toBe('one\ufffd\n')
  })
})
