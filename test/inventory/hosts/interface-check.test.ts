import { describe, expect, it } from 'vitest'
import { checkInterfaces } from '../../../src/inventory/hosts/interface-check.ts'
import { faultOf, hostIn, inventoryOf, problemsOf } from '../fault.ts'

const inventory = (vars: string) => `all:
  hosts: {192.0.2.1: , 192.0.2.2: }
  vars: {${vars}}
`

describe(checkInterfaces.name, () => {
  it('refuses a pattern for the guard forward, once, and names guards that take it', () => {
    const text = inventory('fw_interface: [ens18, bond0.*]')
    expect(problemsOf(text)).toEqual([
      'inventory.yaml:3:24: fw_interface: bond0.* is a pattern, and fw_guard: forward works only with names of interfaces',
    ])
    expect(faultOf(() => inventoryOf(text)).remedy).toMatch(/fw_guard: auto, nft or mangle/)
  })

  it.each(['nft', 'mangle', 'auto'])('lets %s have it, in a list as well', (guard) => {
    const read = inventoryOf(inventory(`fw_guard: ${guard}, fw_interface: [ens18, bond0.*]`))
    expect(hostIn(read, '192.0.2.1').settings.interfaces).toEqual(['ens18', 'bond0.*'])
  })

  it.each([
    ['bond0.+', '"bond0.+" ends in +: write "bond0.*" for'],
    ['"*"', '"*" means all interfaces'],
    ['en*18', '"en*18" has * before its end'],
    ['ens**', '"ens**" has * before its end'],
    ['a-very-long-nam*', 'more than 15 characters'],
    ['"-*"', 'is not a network interface'],
  ])('refuses %s with a hint', (name, said) => {
    const [problem, ...others] = problemsOf(inventory(`fw_guard: nft, fw_interface: ${name}`))
    expect(problem).toContain(said)
    expect(others).toEqual([])
  })
})
