import { describe, expect, it } from 'vitest'
import { parseExtraVars } from '../../../src/inventory/variables/extra-vars.ts'
import { faultOf, hostIn, inventoryOf, problemsOf } from '../fault.ts'

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
      '-e fw_positon: is not a variable of fw-run: did you mean "fw_position"?',
      '-e fw_set: "; rm -rf /" is not an ipset name: 1 to 31 of letters, digits and _ . : -',
    ])
  })

  it('says what is meant by the beginning of a name, and lists all where nothing is near', () => {
    expect(problemsOf(TEXT, 'fw_pos=3')).toEqual([
      '-e fw_pos: is not a variable of fw-run: did you mean "fw_position"?',
    ])
    const { message, remedy } = faultOf(() => inventoryOf(TEXT, 'fw_zzz=1'))
    expect(message).toBe('-e fw_zzz: is not a variable of fw-run')
    expect(remedy).toMatch(/^There are: fw_interface, /)
  })

  it('names a variable once, whatever is wrong with it', () => {
    expect(problemsOf(TEXT, 'fw_group=x', 'fw_set={{ y }}')).toEqual([
      '-e fw_set: templates ({{ … }}) are not evaluated; write the value itself',
      '-e fw_group: there is no group "x"',
    ])
    expect(problemsOf(TEXT, 'ansible_connection=local')).toEqual([
      '-e ansible_connection: "local" is not supported; hosts are reached by ssh only',
    ])
    expect(inventoryOf(TEXT, 'ansible_prot=22').warnings).toEqual([
      '-e ansible_prot: is not read: did you mean "ansible_port"?',
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
