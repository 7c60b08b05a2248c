import { describe, expect, it, vi } from 'vitest'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { isolate, printedSoFar } from './isolate.ts'

isolate()

function refused(words: string): string {
  expect(parseArguments(words.split(' '))).toMatchObject({ kind: 'ended', exitCode: 5 })
  return printedSoFar()
}

describe('bad usage', () => {
  it.each([
    ['apply', /no inventory.*\nRun `fw-run apply --help`\.\n$/],
    ['status -i h --zebra', /'--zebra'\nRun `fw-run status --help`\.\n$/],
    ['trace -i h node1', /--to IP\nRun `fw-run trace --help`\.\n$/],
    ['-i h aply', /'-i'/],
    ['-i h --zebra apply', /'-i'/],
    ['-l x status', /no inventory.*\nRun `fw-run status --help`\.\n$/],
    ['help hosts ad', /'hosts ad'\n\(Did you mean hosts add\?\)/],
    ['aply -i h', /'aply'\n\(Did you mean apply\?\)\nRun `fw-run --help`\.\n$/],
  ])('of %s ends with the help to look at', (words, said) => {
    expect(refused(words)).toMatch(said)
  })

  it.each([
    ['status -i h -o json', 'Did you mean --output FORMAT, such as --output json?'],
    ['status -i h -ojson', 'Did you mean --output FORMAT, such as --output json?'],
    ['status -i h --dry-run', 'To see what would change: fw-run apply --check --diff -i FILE'],
    [
      'apply -i h --dry-run=client',
      'To see what would change: fw-run apply --check --diff -i FILE',
    ],
    [
      'apply -i h -b',
      'fw-run uses sudo by itself, for every user except root. If sudo needs a password, give -K or set ansible_become_password. For su or doas set ansible_become_method.',
    ],
    [
      'apply -i h -bK',
      'fw-run uses sudo by itself, for every user except root. If sudo needs a password, give -K or set ansible_become_password. For su or doas set ansible_become_method.',
    ],
    ['runs --list-hosts', 'To list the hosts: fw-run inventory -i FILE'],
    ['apply -i h -dry-run', 'To see what would change: fw-run apply --check --diff -i FILE'],
    ['apply -i h --key-file k', 'Did you mean --private-key?'],
    [
      'apply -i h --ask-vault-pass',
      'fw-run cannot read ansible-vault. Give passwords with -k and -K.',
    ],
    ['plan -i h', 'To see what would change: fw-run apply --check --diff -i FILE'],
    ['diff -i h', 'To see what would change: fw-run apply --check --diff -i FILE'],
    ['unapply -i h', 'fw-run remove removes the guard; fw-run recover finishes an unfinished run.'],
    [
      'rollback -i h',
      'fw-run remove removes the guard; fw-run recover finishes an unfinished run.',
    ],
    ['undo', 'fw-run remove removes the guard; fw-run recover finishes an unfinished run.'],
    ['check -i h', 'Did you mean fw-run preflight?'],
    ['hosts.yaml', 'Give a command first: fw-run preflight -i hosts.yaml'],
    ['apply inventory.yaml', 'Did you mean -i inventory.yaml?'],
    ['apply -i h node1', 'Did you mean --limit node1?'],
    ['recover inventory.yaml', 'Did you mean -i inventory.yaml?'],
    ['trace node1 node2 -i h', 'This command takes one word.'],
    ['version x', 'This command takes no word.'],
    ['apply -i a.yaml b.yaml', 'Did you mean -i b.yaml?'],
  ])('%s: is told what fw-run has for it, and nothing else', (words, hint) => {
    expect(refused(words)).toContain(`\n(${hint})\nRun \`fw-run `)
    expect(printedSoFar().match(/\n\(/g)).toHaveLength(1)
  })

  it.each([
    ['apply -i h -l a -l b', 'a', "Write both in one: --limit 'a,b'."],
    ['apply -i h --interface a --interface b', 'a', "For several write -e 'fw_interface=[a, b]'."],
  ])('%s: the second does not silently replace the first', (words, first, instead) => {
    expect(refused(words)).toContain(`'${first}' was given already. ${instead}`)
  })

  it('lets an option replace what the environment says', () => {
    vi.stubEnv('FW_RUN_INVENTORY', 'a.yaml')
    vi.stubEnv('FW_RUN_LIMIT', 'a')
    expect(parseArguments(['apply', '-i', 'b.yaml', '-l', 'b'])).toMatchObject({
      invocation: { settings: { inventory: ['b.yaml'], limit: 'b' } },
    })
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
    ['help --help', /^Usage: fw-run help/],
  ])('is given: %s', (words, said) => {
    expect(parseArguments(words.split(' '))).toEqual({ kind: 'ended', exitCode: 0 })
    expect(printedSoFar()).toMatch(said)
  })

  it('says of each command whether it changes hosts or connects to any', () => {
    parseArguments(['--help'])
    const shown = printedSoFar().replace(/\s+/g, ' ')
    expect(shown).toMatch(/ apply \[options\] [^;]* or change none status /)
    expect(shown).toMatch(/ status \[options\] [^;]*; changes no host remove /)
    expect(shown).toMatch(/ inventory \[options\] [^;]*; does not connect completion /)
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
