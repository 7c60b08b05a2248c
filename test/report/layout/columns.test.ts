import { describe, expect, it } from 'vitest'
import { cutTo, inColumns } from '../../../src/report/layout/columns.ts'

describe('inColumns', () => {
  it('aligns cells with wide characters by what they take on the terminal', () => {
    const rows = [
      ['節点', 'x'],
      ['node', 'y'],
    ]
    expect(inColumns(rows, ' ')).toEqual(['節点 x', 'node y'])
  })
})

describe('cutTo', () => {
  it('cuts at a width, and never through a character', () => {
    expect(cutTo('administrator', 6)).toBe('admin…')
    expect(cutTo('節点節点', 6)).toBe('節点…')
    expect(cutTo('short', 6)).toBe('short')
  })
})
