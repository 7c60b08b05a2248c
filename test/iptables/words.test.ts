import { describe, expect, it } from 'vitest'
import { joinWords, splitWords } from '../../src/iptables/words.ts'

describe('splitWords', () => {
  it.each([
    [
      '-j LOG --log-prefix "a \\"b\\" \\\\ \\\'c\\\' "',
      ['-j', 'LOG', '--log-prefix', `a "b" \\ 'c' `],
    ],
    ['--comment "" -j X', ['--comment', '', '-j', 'X']],
    ['--nfacct-name  two', ['--nfacct-name', 'two']],
    ['--comment "$(x) `y` * ; | &"', ['--comment', '$(x) `y` * ; | &']],
    ['', []],
  ])('reads %j as iptables-save means it', (line, words) => {
    expect(splitWords(line)).toEqual(words)
  })
})

describe('joinWords', () => {
  it('makes a line that splits into the same words, whatever is in them', () => {
    const letters = ['a', ' ', '"', "'", '\\', '!', '-', '$', '*', '\t', '#']
    const words = letters.flatMap((a) => letters.flatMap((b) => [a + b, `${a}x${b}`]))
    expect(splitWords(joinWords(words))).toEqual(words)
    for (const word of [...words, '']) expect(splitWords(joinWords([word]))).toEqual([word])
  })

  it('quotes as iptables-save does', () => {
    expect(joinWords(['--comment', `ours; "mine" \\ 'x'`])).toBe(
      '--comment "ours; \\"mine\\" \\\\ \\\'x\\\'"',
    )
  })
})
