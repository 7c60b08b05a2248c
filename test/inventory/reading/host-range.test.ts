import { describe, expect, it } from 'vitest'
import { parseHostKey } from '../../../src/inventory/reading/host-range.ts'

describe(parseHostKey.name, () => {
  const cases: Record<string, readonly string[]> = {
    node1: ['node1'],
    'node[01:03]': ['node01', 'node02', 'node03'],
    'node[9:11]': ['node9', 'node10', 'node11'],
    'node[:2]': ['node0', 'node1', 'node2'],
    'n[1:9:4].example.org': ['n1.example.org', 'n5.example.org', 'n9.example.org'],
    'db-[a:b]-[1:2]': ['db-a-1', 'db-a-2', 'db-b-1', 'db-b-2'],
    '2001:db8::1': ['2001:db8::1'],
  }
  for (const [key, names] of Object.entries(cases)) {
    it(`reads ${key}`, () => expect(parseHostKey(key)).toMatchObject({ names }))
  }

  it('reads a port behind a range', () => {
    expect(parseHostKey('n[1:2]:2222')).toMatchObject({ names: ['n1', 'n2'], port: '2222' })
  })

  for (const key of [
    '',
    'n[1:]',
    'n[1]',
    'n[3:1]',
    'n[01:100]',
    'n[1:5:0]',
    'n[1:2',
    'n[a:3]',
    'n[1:100000]',
    'n[1:999][1:999]',
    'n1:99999',
    'a b',
    'a,b',
    'a\nb',
    'a\u001b[31m',
    'a\u202eb',
  ]) {
    it(`refuses ${JSON.stringify(key)}`, () => expect(parseHostKey(key).kind).toBe('fault'))
  }
})
