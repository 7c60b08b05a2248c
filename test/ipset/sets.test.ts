import { describe, expect, it } from 'vitest'
import { familyOf, hasMembers, parseSets } from '../../src/ipset/sets.ts'

const el7 = `create cali40all-ipam-pools hash:net family inet hashsize 1024 maxelem 1048576
add cali40all-ipam-pools 10.42.0.0/16
create cluster_nodes hash:ip family inet hashsize 1024 maxelem 65536
add cluster_nodes 192.0.2.11
add cluster_nodes 192.0.2.12`

const debian12 = `create cluster_nodes hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x616aed5b
add cluster_nodes 192.0.2.12
add cluster_nodes 192.0.2.11 timeout 3 comment "the second one"
create six hash:ip family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x12345678
create both list:set size 8
add both cluster_nodes
add both six
create ports bitmap:port range 0-1023`

describe('parseSets', () => {
  it('reads what ipset 7.1 saves', () => {
    const sets = parseSets(el7)
    expect([...sets.keys()]).toEqual(['cali40all-ipam-pools', 'cluster_nodes'])
    expect(sets.get('cluster_nodes')).toEqual({
      name: 'cluster_nodes',
      type: 'hash:ip',
      options: ['family', 'inet', 'hashsize', '1024', 'maxelem', '65536'],
      members: ['192.0.2.11', '192.0.2.12'],
    })
  })

  it('reads what ipset 7.17 saves, lists of sets and options of members included', () => {
    const sets = parseSets(debian12)
    expect(sets.get('cluster_nodes')?.members).toEqual(['192.0.2.12', '192.0.2.11'])
    expect(sets.get('cluster_nodes')?.options).toContain('0x616aed5b')
    expect(sets.get('both')).toMatchObject({ type: 'list:set', members: ['cluster_nodes', 'six'] })
    expect(sets.get('six')?.members).toEqual([])
  })

  it('leaves warnings out', () => {
    const warning =
      'Warning: Kernel support protocol versions 6-6 while userspace supports protocol versions 6-7'
    expect(parseSets(`${warning}\n${el7}`)).toEqual(parseSets(el7))
  })
})

describe('parseSets of one host after the other', () => {
  const members = Array.from({ length: 60 }, (_, i) => `192.0.2.${i}`)
  const textOf = (
    some: readonly string[],
    { name = 's', type = 'hash:ip', initval = '0x1' } = {},
  ) =>
    [`create ${name} ${type} initval ${initval}`, ...some.map((one) => `add ${name} ${one}`)].join(
      '\n',
    )
  const read = (...about: Parameters<typeof textOf>) => parseSets(textOf(...about)).get('s')

  it('keeps once what hosts have alike, though each kernel prints it in an order of its own', () => {
    const first = read(members)
    const second = read(members.toReversed(), { initval: '0x2' })
    expect(second?.members).toBe(first?.members)
    expect(second?.options).toEqual(['initval', '0x2'])
  })

  it.each([
    ['another member', [...members.slice(1), '192.0.2.99'], 'hash:ip'],
    ['a member less', members.slice(1), 'hash:ip'],
    ['a member twice', [...members.slice(1), '192.0.2.9'], 'hash:ip'],
    ['another order, where it means something', members.toReversed(), 'list:set'],
  ])('never takes for alike what is not: %s', (_, others, type) => {
    read(members, { type })
    expect(read(others, { type })?.members).toEqual(others)
    expect(read(members, { type })?.members).toEqual(members)
  })

  it('never takes a set for alike that has another name or another type', () => {
    const others = members.toReversed()
    read(members)
    expect(read(others, { type: 'hash:net' })).toMatchObject({ type: 'hash:net', members: others })
    const text = textOf(members, { name: 't' })
    expect(parseSets(text).get('t')).toMatchObject({ name: 't', members })
  })
})

describe('familyOf', () => {
  it('reads the family, and inet where a type has none', () => {
    const sets = parseSets(debian12)
    expect([...sets.values()].map(familyOf)).toEqual(['inet', 'inet6', 'inet', 'inet'])
  })
})

describe('hasMembers', () => {
  const set = { name: 's', type: 'hash:ip', options: [], members: ['192.0.2.1', '192.0.2.2'] }
  it.each([
    [['192.0.2.2', '192.0.2.1'], true],
    [['192.0.2.1', '192.0.2.2', '192.0.2.2'], true],
    [['192.0.2.1'], false],
    [['192.0.2.1', '192.0.2.3'], false],
    [['192.0.2.1', '192.0.2.2', '192.0.2.3'], false],
    [[], false],
  ])('compares members, not their order: %j', (members, same) => {
    expect(hasMembers(set, members)).toBe(same)
  })
})
