import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executable } from './fw-run.ts'

const good = `all:
  vars:
    fw_interface: ens18
  hosts:
    node1: { ansible_host: 192.0.2.11 }
    node2: { ansible_host: 192.0.2.12 }
`

/** Variables of which each repeats the one before several times: a few lines that mean millions of values. */
function bomb(count: number, repeated: (last: string) => string): string {
  const lines = Array.from(
    { length: count },
    (_, n) => `    a${n + 1}: &a${n + 1} ${repeated(`*a${n}`)}\n`,
  )
  return good.replace('  hosts:\n', `    a0: &a0 {x: 1}\n${lines.join('')}$&`)
}

const didYouMean = /"node9".*\n {2}-> Did you mean "node1" or "node2"\?\n$/

/** What is wrong, the inventory, further words of the command line, and what the administrator reads. */
const cases: readonly (readonly [
  title: string,
  text: string,
  words: readonly string[],
  said: RegExp,
])[] = [
  ['an empty inventory', '', [], /inventory\.yaml.*empty/],
  ['something that is not YAML', 'all: [unclosed', [], /inventory\.yaml:\d+:\d+/],
  ['an indentation by tabs', 'all:\n\thosts:\n\t\tnode1:\n', [], /inventory\.yaml:2.*tab/i],
  [
    'a host that stands there twice',
    good.replace('node2', 'node1'),
    [],
    /inventory\.yaml:6:\d+.*node1/,
  ],
  [
    'aliases that mean millions of values',
    bomb(12, (last) => `[${`${last}, `.repeat(10)}]`),
    [],
    /inventory\.yaml:10:\d+: the aliases .* more than 1,000,000 values/,
  ],
  [
    'mappings merged into each other',
    bomb(29, (last) => `{<<: [${last}, ${last}]}`),
    [],
    /inventory\.yaml:21:\d+: the aliases .* more than 1,000,000 values/,
  ],
  ['no hosts', 'all:\n  hosts: {}\n', [], /no hosts/i],
  [
    'a misspelt variable of ours, with a suggestion',
    good.replace('fw_interface', 'fw_interfce'),
    [],
    /inventory\.yaml:3:\d+.*fw_interfce.*fw_interface/s,
  ],
  [
    'an address that is none',
    good.replace('192.0.2.12 }', '192.0.2.12, fw_addresses: [192.0.2.300] }'),
    [],
    /inventory\.yaml:6:\d+.*192\.0\.2\.300/,
  ],
  [
    'an interface that is a command',
    good.replace('ens18', '"; rm -rf /"'),
    [],
    /inventory\.yaml:3:\d+.*rm -rf/,
  ],
  [
    'an interface of 16 characters',
    good.replace('ens18', 'abcdefghijklmnop'),
    [],
    /inventory\.yaml:3:\d+.*abcdefghijklmnop/,
  ],
  [
    'an interface with a newline',
    good.replace('ens18', '"ens18\\nens19"'),
    [],
    /inventory\.yaml:3:\d+.*ens18\\nens19/,
  ],
]

describe('bad input is reported before any connection is opened', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fw-run-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each(cases)('%s', async (_, text, words, said) => {
    const file = join(folder, 'inventory.yaml')
    await writeFile(file, text)
    const run = await execute(['apply', '-i', file, ...words])
    expect(run.stderr).toMatch(said)
    expect(run.stderr).not.toMatch(/Connect|\n\s+at .*\(/)
    expect(run.stdout).toBe('')
    expect(run.code).toBe(1)
  })

  it('an inventory that is missing', async () => {
    const run = await execute(['apply', '-i', join(folder, 'nowhere.yaml')])
    expect(run.stderr).toMatch(/nowhere\.yaml/)
    expect(run.code).toBe(1)
  })

  it.each([
    ['a --limit that matches nothing', ['apply', '--limit', 'nodes*'], /"nodes\*" matches no host/],
    ['a --limit of which a part matches nothing', ['apply', '--limit', 'node1,nod2'], /"nod2"/],
    ['a --limit that is a host mistyped', ['apply', '-l', 'node9'], didYouMean],
    [
      'a set name that is a command',
      ['apply', '-e', 'fw_set=$(reboot)'],
      /-e fw_set: "\$\(reboot\)" is not an ipset name/,
    ],
    [
      'a host mistyped',
      ['trace', 'node9', ...'--in ens18 --from 192.0.2.66 --to 10.42.1.10'.split(' ')],
      didYouMean,
    ],
  ])('bad usage of a good inventory: %s', async (_, words, said) => {
    const file = join(folder, 'inventory.yaml')
    await writeFile(file, good)
    const run = await execute([...words, '-i', file])
    expect(run.stderr).toMatch(said)
    expect(run.stderr).not.toMatch(/Connect/)
    expect(run.code).toBe(5)
  })

  it.each([
    ['no inventory at all', ['apply'], /--inventory/],
    ['an unknown command', ['aply', '-i', 'x'], /apply/],
    ['an unknown flag', ['apply', '-i', 'x', '--force'], /--force/],
    ['an interface that is none', ['apply', '-i', 'x', '--interface', 'a b'], /--interface.*a b/],
    ['no forks', ['apply', '-i', 'x', '--forks', '0'], /--forks/],
    ['a timeout that is no number', ['apply', '-i', 'x', '--timeout', 'soon'], /--timeout/],
  ])('bad usage: %s', async (_, words, said) => {
    const run = await execute(words)
    expect(run.stderr).toMatch(said)
    expect(run.code).toBe(5)
  })
})

function execute(
  words: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [executable, ...words], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}
