import { describe, expect, it } from 'vitest'
import { recognise } from '../../../src/inventory/formats/recognise.ts'

describe(recognise.name, () => {
  const kindOf = (text: string) => recognise(text, 'cluster.yml').kind

  it('takes nodes for those of RKE only if a list follows, however many lines are empty before it', () => {
    // If an empty line could be read in two ways, each more would double the work.
    const empty = '\n  # rack\n\n\t\r\n'.repeat(200)
    expect(kindOf(`nodes:\n${empty}- address: 192.0.2.1\n`)).toBe('rke')
    expect(kindOf(`nodes:\n${empty}  hosts:\n    n1:\n`)).toBe('yaml')
  })
})
