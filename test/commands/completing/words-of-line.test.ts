import { describe, expect, it } from 'vitest'
import { wordsOfLine } from '../../../src/commands/completing/words-of-line.ts'

describe(wordsOfLine.name, () => {
  it.each([
    ['fw-run ', ['']],
    ['fw-run apply -i "my file.yaml" -l no', ['apply', '-i', 'my file.yaml', '-l', 'no']],
    ["sudo  /usr/bin/fw-run\tstatus -l 'a,", ['status', '-l', 'a,']],
    ['fw-run runs a\\ b ', ['runs', 'a b', '']],
    ['alias-of-it  app', ['app']],
  ])('reads %s', (line, words) => {
    expect(wordsOfLine(line)).toEqual(words)
  })
})
