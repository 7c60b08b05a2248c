import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../src/inventory/settings.ts'
import { hostIn, inventoryOf } from './fault.ts'

/** The service networks that a host has by these variables. */
function servicesOf(vars: string): readonly string[] {
  const inventory = inventoryOf(
    `all:\n  hosts: {192.0.2.1: }\n  vars:\n${vars.replace(/^ */gm, '    ')}\n`,
  )
  expect(inventory.warnings).toEqual([])
  return hostIn(inventory, '192.0.2.1').settings.serviceCidrs
}

describe(settingsOf.name, () => {
  it.each([
    ['of each family', '10.233.0.0/18', 'fd85::1000/116', ['10.233.0.0/18', 'fd85::1000/116']],
    ['both in one', '10.96.0.0/12,FD00:0::/108', '', ['10.96.0.0/12', 'fd00::/108']],
    ['both twice', '"10.96.0.0/12, fd00::/108"', 'fd00:0::/108', ['10.96.0.0/12', 'fd00::/108']],
    ['one template', '"{{ x }}"', 'fd00::/108', ['fd00::/108']],
    ['a bare template', '{{ x }}', '', []],
    ['a template in a list', '"10.96.0.0/12,{{ x }}"', '', []],
    ['a vault', '!vault x', '', []],
    ['one that is none in a list', '10.96.0.0/12,none', '', []],
    ['too many', '10.1.0.0/16,10.2.0.0/16,10.3.0.0/16', '', []],
    ['everything', '0.0.0.0/0', '"::/0"', []],
    ['a list', '[10.96.0.0/12]', '{a: b}', []],
    ['an address', '10.96.0.1', '', []],
  ])('takes the service networks of Kubespray, or none: %s', (_, some, more, found) => {
    const vars = `kube_service_addresses: ${some}\nkube_service_addresses_ipv6: ${more}`
    expect(servicesOf(vars)).toEqual(found)
  })

  it('takes fw_service_cidrs over them, also where it is an empty list', () => {
    const kubespray = 'kube_service_addresses: 10.233.0.0/18'
    expect(servicesOf(`${kubespray}\nfw_service_cidrs: 10.96.0.0/12`)).toEqual(['10.96.0.0/12'])
    expect(servicesOf(`${kubespray}\nfw_service_cidrs: []`)).toEqual([])
  })
})
