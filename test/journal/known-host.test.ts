import { describe, expect, it } from 'vitest'
import { isSame } from '../../src/journal/known-host.ts'

const node1 = { name: 'node1', address: '192.0.2.11' }

describe('isSame', () => {
  it('takes a host for the same by name and address, never by one of them', () => {
    expect(isSame(node1, { ...node1 })).toBe(true)
    expect(isSame(node1, { ...node1, name: 'node2' })).toBe(false)
    expect(isSame(node1, { ...node1, address: '192.0.2.12' })).toBe(false)
  })
})
