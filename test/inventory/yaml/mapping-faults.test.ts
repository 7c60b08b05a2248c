import { describe, expect, it } from 'vitest'
import { checkMappings } from '../../../src/inventory/yaml/mapping-faults.ts'
import { faultOf, hostIn, inventoryOf, problemsOf } from '../fault.ts'

const MASTERS = `masters:
  hosts: &masters
    m1: &m1 {ansible_host: 192.0.2.1}
`

/** An inventory whose cluster has what stands under `hosts:`, beside the groups of MASTERS. */
const withHosts = (lines: string) => `${MASTERS}k8s_cluster:
  hosts:
    ${lines}
    w1: {ansible_host: 192.0.2.11}
`

describe(checkMappings.name, () => {
  it.each([
    ['<<: *mastrs', '6:9: this alias (*name) has no anchor: did you mean "masters"?'],
    ['*m9 : {ansible_host: 192.0.2.9}', '6:5: this alias (*name) has no anchor'],
    ['<<: [*masters, *v]', '6:20: this alias (*name) has no anchor'],
    ['<<: [*masters, w2]', '6:20: the key << merges mappings, but this is not a mapping'],
    ['<<: masters', '6:9: the key << merges mappings, but this is not a mapping'],
    ['<<:', '6:8: the key << merges mappings, but this is not a mapping'],
    ['<<: {{ masters }}', '6:9: the key << merges mappings, but this is not a mapping'],
    ['*m1 : {ansible_host: 192.0.2.9}', '6:5: a key must be text, not a list or a mapping'],
    ['? [w2, w3]\n    :', '6:7: a key must be text, not a list or a mapping'],
    ['{{ w2 }}:', '6:5: a key must be text, not a template'],
  ])('refuses what would lose hosts without a word: %s', (lines, fault) => {
    const [problem, ...more] = problemsOf(withHosts(lines))
    expect(problem).toContain(`inventory.yaml:${fault}`)
    expect(more).toEqual([])
  })

  it('refuses an alias before its anchor, and names every one', () => {
    const text = `first: {hosts: {<<: *masters}}\n${withHosts('<<: *mastrs')}`
    expect(problemsOf(text).map((line) => line.split(': ')[0])).toEqual([
      ...['inventory.yaml:1:21', 'inventory.yaml:7:9'],
    ])
    const { remedy } = faultOf(() => inventoryOf(text))
    expect(remedy).toContain('repeats a value that is marked &name earlier')
  })

  it('never shows what an alias is called: it may be a password', () => {
    const text = 'all: {vars: {ansible_password: *sesame}, hosts: {192.0.2.1: }}'
    expect(problemsOf(text).join()).not.toContain('sesame')
  })

  it('refuses a template in place of the hosts', () => {
    expect(problemsOf('all:\n  hosts: {{ hosts }}\n')[0]).toBe(
      'inventory.yaml:2:10: hosts: must be a mapping, not a template',
    )
  })

  it('takes an alias for a name, and knows it again', () => {
    const text = 'all:\n  vars: {a: &a 192.0.2.1}\n  hosts:\n    *a : {ansible_port: 2222}\n'
    expect(hostIn(inventoryOf(text), '192.0.2.1').port).toBe(2222)
    expect(problemsOf(`${text}    192.0.2.1:\n`)).toEqual([
      'inventory.yaml:5:5: "192.0.2.1" was already given on line 4',
    ])
  })
})
