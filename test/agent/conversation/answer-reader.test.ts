import { describe, expect, it } from 'vitest'
import { answerReader, parseSections } from '../../../src/agent/conversation/answer-reader.ts'

describe('parseSections', () => {
  it('keeps what a command printed, with its exit code', () => {
    const text = '\nM begin a\nfirst\n\nthird\n\nM end 0\n\nM begin b\n\nM end 2\n'
    expect([...parseSections(text, 'M')]).toEqual([
      ['a', { text: 'first\n\nthird', code: 0 }],
      ['b', { text: '', code: 2 }],
    ])
  })

  it('keeps a last line without a newline, and drops what stands between sections', () => {
    const text = 'motd\n\nM begin a\nno newline\nM end 1\nnoise\n\nM begin b\nx\n\nM end 0\n'
    expect([...parseSections(text, 'M')]).toEqual([
      ['a', { text: 'no newline', code: 1 }],
      ['b', { text: 'x', code: 0 }],
    ])
  })

  it('lets no unprintable character through to the terminal, but keeps lines and tabs', () => {
    const text = '\nM begin a\none\u001b[2J\u202e\n\ttwo\u2028\n\nM end 0\n'
    expect(parseSections(text, 'M').get('a')?.text).toBe('one\ufffd[2J\ufffd\n\ttwo\ufffd')
  })

  it('does not take lines for markers that only look like them', () => {
    const text = 'M begin a\n x M end 0\nN end 3\nM end of it\n\nM end 0\n'
    expect(parseSections(text, 'M').get('a')).toEqual({
      text: ' x M end 0\nN end 3\nM end of it',
      code: 0,
    })
  })
})

describe('answerReader', () => {
  it('gives an answer back once its last line is whole, wherever it is cut', () => {
    const answer = '\nM begin a\ntext\n\nM end 0\nM done\n'
    for (let at = 0; at < answer.length; at++) {
      const reader = answerReader('M')
      expect(reader.push(answer.slice(0, at))).toEqual([])
      expect(reader.push(answer.slice(at)).map((sections) => sections.get('a')?.text)).toEqual([
        'text',
      ])
    }
  })

  it('gives two answers back that come at once', () => {
    const answer = '\nM begin a\ntext\n\nM end 0\nM done\n'
    expect(answerReader('M').push(answer + answer)).toHaveLength(2)
  })
})
