import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../src/cli.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

function refused(words: string): string {
  expect(parseArguments(words.split(' '))).toEqual({ kind: 'ended', exitCode: 5 })
  return printedSoFar()
}

describe('bad usage', () => {
  it.each([
    ['apply', /no inventory.*\nRun `fw-run apply --help`\.\n$/],
    ['status -i h --zebra', /'--zebra'\nRun `fw-run status --help`\.\n$/],
    ['trace -i h node1', /--to IP\nRun `fw-run trace --help`\.\n$/],
    ['aply -i h', /'aply'\n\(Did you mean apply\?\)\nRun `fw-run --help`\.\n$/],
  ])('of %s ends with the help to look at', (words, said) => {
    expect(refused(words)).toMatch(said)
  })

  it.each([
    ['status -i h --json', '--output json'],
    ['trace -i h --ndjson node1', '--output ndjson'],
  ])('%s: is told the flag that fw-run has', (words, flag) => {
    expect(refused(words)).toContain(`(Did you mean ${flag}?)\n`)
    expect(printedSoFar().match(/Did you mean/g)).toHaveLength(1)
  })
})

describe('help', () => {
  it.each([
    ['nosuch', "error: unknown command 'nosuch'\nRun `fw-run --help`.\n"],
    ['stauts', "error: unknown command 'stauts'\n(Did you mean status?)\nRun `fw-run --help`.\n"],
  ])('of an unknown command is an error: %s', (word, said) => {
    expect(refused(`help ${word}`)).toBe(said)
  })

  it.each([
    ['help', /^Usage: fw-run \[options\]/],
    ['help apply', /^Usage: fw-run apply/],
    ['help help', /^Usage: fw-run help/],
  ])('is given: %s', (words, said) => {
    expect(parseArguments(words.split(' '))).toEqual({ kind: 'ended', exitCode: 0 })
    expect(printedSoFar()).toMatch(said)
  })

  it('says of each command whether it changes hosts or connects to any', () => {
    parseArguments(['--help'])
    const shown = printedSoFar().replace(/\s+/g, ' ')
    expect(shown).toMatch(/ apply \[options\] [^;]* or change none status /)
    expect(shown).toMatch(/ status \[options\] [^;]*; changes nothing remove /)
    expect(shown).toMatch(/ inventory \[options\] [^;]*; does not connect help /)
  })

  it('fits in 80 columns', () => {
    parseArguments(['--help'])
    expect(
      printedSoFar()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([])
  })
})
