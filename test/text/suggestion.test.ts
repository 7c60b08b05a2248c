import { describe, expect, it } from 'vitest'
import { didYouMean, didYouSlip } from '../../src/text/suggestion.ts'

describe(didYouMean.name, () => {
  const names = ['fw_position', 'fw_probes', 'fw_set', 'ip']

  it.each([
    ['fw_positon', 'did you mean "fw_position"?'],
    ['fw_pos', 'did you mean "fw_position"?'],
    ['fw_p', 'did you mean "fw_probes" or "fw_position"?'],
    ['zebra', undefined],
    ['xy', undefined],
  ])('to %s says %s', (name, said) => {
    expect(didYouMean(name, names)).toBe(said)
  })
})

describe(didYouSlip.name, () => {
  it.each([
    ['one letter too few', 'ansible_usr', 'did you mean "ansible_user"?'],
    ['one too many', 'ansible_hoost', 'did you mean "ansible_host"?'],
    ['two swapped', 'ansible_prot', 'did you mean "ansible_port"?'],
    ['two slips in a long name', 'fw_intrfce', 'did you mean "fw_interface"?'],
    ['two slips in a short name', 'ansible_home', undefined],
    ['a name too short to tell', 'id', undefined],
  ])('of %s: %s', (_, name, said) => {
    const names = ['ansible_host', 'ansible_port', 'ansible_user', 'fw_interface', 'ip']
    expect(didYouSlip(name, names)).toBe(said)
  })
})
