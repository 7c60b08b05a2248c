import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate } from './isolate.ts'

isolate()

describe('parseArguments of runs and recover', () => {
  it.each([
    ['runs', { command: { name: 'runs' }, settings: { pastRun: undefined } }],
    ['runs 2026 --output json -D', { output: 'json', settings: { pastRun: '2026', diff: true } }],
    [
      'recover -i h',
      { command: { name: 'recover' }, settings: { inventory: ['h'], pastRun: undefined } },
    ],
    ['recover -i h -y', { settings: { yes: true } }],
    ['recover -i h 2026 -K -f 5', { settings: { pastRun: '2026', askBecomePass: true, forks: 5 } }],
  ])('reads %s', (words, invocation) => {
    expect(parseArguments(words.split(' '))).toMatchObject({ kind: 'invocation', invocation })
  })

  it.each([
    ['recover without an inventory', 'recover'],
    ['a run too many', 'runs a b'],
    ['an inventory where none is read', 'runs -i h'],
    ['half a recovery', 'recover -i h --limit node1'],
  ])('is bad usage: %s', (_, words) => {
    expect(parseArguments(words.split(' '))).toMatchObject({ kind: 'ended', exitCode: 5 })
  })
})
