import { describe, expect, it } from 'vitest'
import { checkSetSize } from '../../../src/inventory/hosts/set-size.ts'
import type { Inventory } from '../../../src/inventory/inventory.ts'
import { setMembers } from '../../../src/inventory/members.ts'
import { createProblems } from '../../../src/inventory/reading/problems.ts'
import { maxSetMembers } from '../../../src/limits.ts'
import { faultOf, hostIn, inventoryOf } from '../fault.ts'

/** An inventory of one host with so many addresses, and one extra member. */
function inventoryWith(count: number): Inventory {
  const inventory = inventoryOf(
    'all: {vars: {fw_extra_members: 172.16.0.1}, hosts: {n1: {ansible_host: 192.0.2.1}}}',
  )
  const addresses = Array.from({ length: count }, (_, n) => `10.0.${n >> 8}.${n & 255}`)
  const host = hostIn(inventory, 'n1')
  return { ...inventory, nodes: [{ ...host, settings: { ...host.settings, addresses } }] }
}

describe(checkSetSize.name, () => {
  it('lets a set be full, and refuses one member more', () => {
    const problems = createProblems()
    checkSetSize(inventoryWith(maxSetMembers - 1), problems)
    expect(problems.failure()).toBeUndefined()
    checkSetSize(inventoryWith(maxSetMembers), problems)
    expect(problems.failure()?.message).toBe(
      'inventory.yaml: set "cluster_nodes" would have 65,537 members; a set holds at most 65,536',
    )
    expect(problems.failure()?.remedy).toContain('fewer hosts')
  })

  it('reads an inventory of as many hosts as a set holds, and refuses one member more', () => {
    const ranges = [0, 1, 2, 3, 4, 5, 6, 7].map(
      (n) => `    "10.0.[${32 * n}:${32 * n + 31}].[0:255]":\n`,
    )
    const text = `all:\n  hosts:\n${ranges.join('')}`
    const full = inventoryOf(text)
    expect(setMembers(full, hostIn(full, '10.0.0.0'))).toHaveLength(65_536)
    expect(faultOf(() => inventoryOf(`${text}    10.1.0.0:\n`)).message).toMatch(
      /^inventory\.yaml:11:5: more than 65,536 hosts/,
    )
    expect(faultOf(() => inventoryOf(text, 'fw_extra_members=10.1.0.0')).message).toContain(
      'set "cluster_nodes" would have 65,537 members; a set holds at most 65,536',
    )
  })

  it('refuses more hosts than a set holds, by line', () => {
    const lines = [
      '"10.[0:9].[0:99].[0:9]"',
      '"10.[10:19].[0:99].[0:9]"',
      '"10.[20:29].[0:99].[0:9]"',
      '"10.[30:39].[0:99].[0:9]"',
      '"10.[40:49].[0:99].[0:9]"',
      '"10.[50:59].[0:99].[0:9]"',
      '"10.[60:69].[0:99].[0:9]"',
    ]
    const text = `all:\n  hosts:\n${lines.map((line) => `    ${line}:`).join('\n')}\n`
    expect(faultOf(() => inventoryOf(text)).message).toMatch(
      /^inventory\.yaml:9:5: more than 65,536 hosts/,
    )
  })

  it('refuses ranges that name the same hosts again and again', () => {
    const text = `${Array.from({ length: 60 }, (_, n) => `g${n}: {hosts: {"10.0.[0:99].[0:99]": }}`).join('\n')}\n`
    expect(faultOf(() => inventoryOf(text)).message).toBe(
      'inventory.yaml:51:15: ranges name more than 500,000 hosts',
    )
  })
})
