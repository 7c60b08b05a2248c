import { describe, expect, it } from 'vitest'
import { hierarchyOf } from '../../../src/inventory/reading/hierarchy.ts'
import { maxGroupDepth } from '../../../src/limits.ts'
import { hostIn, inventoryOf, problemsOf } from '../fault.ts'

describe(hierarchyOf.name, () => {
  it('counts the depth of a group along its longest way, whichever way is stated first', () => {
    // By its short way, b has the depth of a, which then comes later in ASCII order.
    const short = 'b: {vars: {fw_set: from_b}, hosts: {n1: {ansible_host: 192.0.2.1}}}'
    const long = 'p: {children: {q: {children: {b: }}}}'
    const z = 'z: {vars: {fw_set: from_z}, hosts: {n1: }}'
    for (const groups of [
      [`r: {children: {b: }}`, long],
      [long, `r: {children: {b: }}`],
    ]) {
      const text = [...groups, short, `s: {children: {${z}}}`].join('\n')
      expect(hostIn(inventoryOf(text), 'n1').settings.set).toBe('from_b')
    }
  })

  it('takes no longer where groups have many ways to them', () => {
    const layer = (n: number) =>
      `g${n}: {children: {g${n + 1}: , a${n}: }}\na${n}: {children: {g${n + 1}: }}`
    const layers = Array.from({ length: 40 }, (_, n) => layer(n)).join('\n')
    const { groups } = inventoryOf(`${layers}\ng40: {hosts: {192.0.2.1: }}\n`)
    expect(groups.get('g0')).toEqual(['192.0.2.1'])
  })

  it('refuses groups that are too deep, in whatever order they are stated', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, n) => `g${n}: {children: {g${n + 1}: }}`)
    const inventory = (lines: readonly string[]) =>
      `${lines.join('\n')}\nall: {hosts: {192.0.2.1: }}\n`
    // The first group is one level below all, and the last one is only named.
    const good = chain(maxGroupDepth - 1)
    expect(inventoryOf(inventory(good)).hosts).toHaveLength(1)
    for (const lines of [chain(maxGroupDepth), chain(5000), chain(200).reverse()]) {
      expect(problemsOf(inventory(lines))[0]).toMatch(
        /^inventory\.yaml:\d+:\d+: groups are more than 100 levels deep$/,
      )
    }
  })

  it('refuses hosts that are in very many groups', () => {
    const hosts = '{children: {h: }}'
    const groups = Array.from({ length: 3000 }, (_, n) => `g${n}: ${hosts}`).join('\n')
    expect(problemsOf(`h: {hosts: {"10.1.[0:9].[1:254]": }}\n${groups}\n`)).toEqual([
      expect.stringMatching(/^inventory\.yaml:\d+:\d+: too many hosts are in too many groups$/),
    ])
  })

  it('lists the hosts of a group before those of its children, each once', () => {
    const { groups } = inventoryOf(`
top: {hosts: {192.0.2.3: , 192.0.2.1: }, children: {low: {hosts: {192.0.2.2: , 192.0.2.1: }}}}
all: {hosts: {192.0.2.9: }}
`)
    expect(groups.get('top')).toEqual(['192.0.2.3', '192.0.2.1', '192.0.2.2'])
    expect([...groups.keys()]).toEqual(['all', 'top', 'low', 'ungrouped'])
    expect(groups.get('ungrouped')).toEqual(['192.0.2.9'])
  })
})
