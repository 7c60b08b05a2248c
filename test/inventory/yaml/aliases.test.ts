import { describe, expect, it } from 'vitest'
import { followAliases } from '../../../src/inventory/yaml/aliases.ts'
import { maxAliasedValues } from '../../../src/limits.ts'
import { hostIn, inventoryOf, problemsOf } from '../fault.ts'

const HOST = '  hosts: {n1: {ansible_host: 192.0.2.1}}\n'

/** Lines of which each repeats the one before several times. */
function bomb(lines: number, line: (number: number) => string): string {
  return times(lines, line, '\n')
}

function times(count: number, part: (number: number) => string, between = ' '): string {
  return Array.from({ length: count }, (_, index) => part(index + 1)).join(between)
}

describe(followAliases.name, () => {
  it.each([
    [
      'lists of lists',
      `all:\n${HOST}  vars:\n    a0: &a0 x\n${bomb(12, (n) => `    a${n}: &a${n} [${`*a${n - 1}, `.repeat(10)}]`)}\n`,
      10,
    ],
    [
      'merged mappings',
      `all:\n${HOST}  vars:\n    a0: &a0 {x: 1}\n${bomb(29, (n) => `    a${n}: &a${n} {<<: [*a${n - 1}, *a${n - 1}]}`)}\n`,
      21,
    ],
    [
      'groups within groups',
      `g0: &g0\n${HOST}${bomb(12, (n) => `g${n}: &g${n}\n  children: {${times(10, (k) => `c${k}: *g${n - 1},`)}}`)}\n`,
      14,
    ],
    [
      'hosts',
      `all:\n  vars:\n    x: &x {${times(1000, (n) => `a${n}: 1,`)}}\n  hosts:\n${bomb(1000, (n) => `    n${n}: *x`)}\n`,
      504,
    ],
  ])('refuses a text that means far more than it has: %s', (_, text, line) => {
    const [problem, ...more] = problemsOf(text)
    expect(problem).toMatch(
      new RegExp(
        `^inventory\\.yaml:${line}:\\d+: the aliases \\(\\*name\\) up to this line copy more than 1,000,000 values`,
      ),
    )
    expect(more).toEqual([])
  })

  it('lets thousands of hosts share their variables', () => {
    const text = `all:\n  vars:\n    common: &common {${times(40, (n) => `a${n}: 1,`)} ansible_port: 2222}
  hosts:\n${bomb(5000, (n) => `    n${n}: {<<: *common, ansible_host: 10.0.${n >> 8}.${n & 255}}`)}\n`
    const inventory = inventoryOf(text)
    expect(inventory.nodes).toHaveLength(5000)
    expect(hostIn(inventory, 'n5000').port).toBe(2222)
    expect(5000 * 80).toBeLessThan(maxAliasedValues)
  })

  it('refuses an alias that contains itself', () => {
    for (const text of [
      'all: &all\n  children: {x: *all}\n',
      `all:\n${HOST}  vars:\n    a: &a [[*a]]\n`,
    ]) {
      expect(problemsOf(text)[0]).toMatch(
        /^inventory\.yaml:\d:\d+: alias \*(all|a) contains itself$/,
      )
    }
  })

  it('takes an alias for the last anchor of that name before it', () => {
    const text = `all:\n  vars:\n    a: &a one\n    fw_set: *a\n    b: &a two\n${HOST}`
    expect(hostIn(inventoryOf(text), 'n1').settings.set).toBe('one')
    expect(
      hostIn(
        inventoryOf(text.replace('    b: &a two\n', '').replace('    a:', '    b: &a two\n    a:')),
        'n1',
      ).settings.set,
    ).toBe('one')
  })
})
