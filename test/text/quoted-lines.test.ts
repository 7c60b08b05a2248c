import { describe, expect, it } from 'vitest'
import { quotedLines } from '../../src/text/quoted-lines.ts'

const texts = (text: string, escapes = true): readonly string[] =>
  [...quotedLines(text, escapes)].map((line) => line.text)
const faults = (text: string, escapes = true): readonly (string | undefined)[] =>
  [...quotedLines(text, escapes)].map((line) => line.fault)

describe('quotedLines', () => {
  it('splits a text without quotes at each line break, and leaves empty lines out', () => {
    expect(texts('a\n\nb\n')).toEqual(['a', 'b'])
    expect(texts('a\nb')).toEqual(['a', 'b'])
    expect(texts('')).toEqual([])
  })

  it('does not split within quotes, and counts the lines all the same', () => {
    const lines = [...quotedLines('a "b\n\nc" "d\ne"\nf\n', true)]
    expect(lines).toEqual([
      { text: 'a "b\n\nc" "d\ne"', number: 1, fault: undefined },
      { text: 'f', number: 5, fault: undefined },
    ])
  })

  it('looks at each character once, also where one line has a million quotes', () => {
    expect(texts(`${'"a" '.repeat(1_000_000)}\nb`)).toHaveLength(2)
  })

  it('takes a quote behind a backslash for one only where backslashes escape', () => {
    expect(texts('a "\\"\n" b\nc', true)).toEqual(['a "\\"\n" b', 'c'])
    expect(texts('a "\\"\n" b\nc"', false)).toEqual(['a "\\"', '" b\nc"'])
    expect(texts('a "\\\\"\nb', true)).toEqual(['a "\\\\"', 'b'])
  })

  it('says which line it is not sure of, and goes on with the next', () => {
    expect(faults('a"b\nc "d" e\n"f"g\nh')).toEqual([
      'a quote is inside a word',
      undefined,
      'a quote is inside a word',
      undefined,
    ])
    expect(faults('a "b\nc "d\ne')).toEqual(['a quote is inside a word', undefined])
    expect(texts('a "b\nc\nd')).toEqual(['a "b', 'c', 'd'])
    expect(faults('a "b\nc\nd')).toEqual(['a quote is not closed', undefined, undefined])
  })
})
