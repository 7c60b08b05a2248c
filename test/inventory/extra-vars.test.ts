import { describe, expect, it } from 'vitest'
import { parseExtraVars } from '../../src/inventory/extra-vars.ts'
import { hostIn, inventoryOf, problemsOf } from './fault.ts'

const TEXT = 'all: {hosts: {n1: {ansible_host: 192.0.2.1}}}'

describe(parseExtraVars.name, () => {
  it('reads numbers, lists and words as YAML does', () => {
    const { settings } = hostIn(
      inventoryOf(TEXT, 'fw_position=12', 'fw_interface=[ens18, ens19]', 'fw_action=DROP'),
      'n1',
    )
    expect(settings).toMatchObject({
      position: 12,
      interfaces: ['ens18', 'ens19'],
      action: 'DROP',
    })
  })

  it('takes a password letter for letter', () => {
    for (const password of ['*a: {{b}} c=d', '#x', "'y'", '012', '']) {
      const inventory = inventoryOf(TEXT, `ansible_user=ops`, `ansible_password=x${password}`)
      expect(hostIn(inventory, 'n1').password?.reveal()).toBe(`x${password}`)
    }
  })

  it('names the variable where it is wrong', () => {
    expect(problemsOf(TEXT, 'fw_positon=12', 'fw_set=; rm -rf /')).toEqual([
      '-e fw_positon: "fw_positon" is not a variable of fw-run: did you mean "fw_position"?',
      '-e fw_set: fw_set: "; rm -rf /" is not an ipset name: 1 to 31 of letters, digits and _ . : -',
    ])
  })

  it('refuses what is no assignment without showing it', () => {
    expect(problemsOf(TEXT, 'sesame')).toEqual([
      '-e: is neither name=value nor a mapping such as {"name": "value"}',
    ])
  })

  it('refuses several variables in one argument', () => {
    expect(problemsOf(TEXT, 'fw_set=a fw_position=3')).toEqual([
      '-e fw_set: holds more than one variable: give each its own -e',
    ])
  })
})
