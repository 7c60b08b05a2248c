import { describe, expect, it } from 'vitest'
import { inDocument } from '../../src/text/printed-commands.ts'

describe('inDocument', () => {
  it('changes what is written for a person, and no text of a host', () => {
    const document = {
      words: 'a',
      notes: ['a'],
      hosts: [{ checks: [{ reason: 'a', remedy: 'a' }], rules: [{ rule: 'a' }], table: 'a' }],
      error: { message: 'a', code: 'a' },
    }
    const told = JSON.parse(
      JSON.stringify(
        document,
        inDocument((text) => `${text}!`),
      ),
    )
    expect(told).toEqual({
      words: 'a!',
      notes: ['a!'],
      hosts: [{ checks: [{ reason: 'a!', remedy: 'a!' }], rules: [{ rule: 'a' }], table: 'a' }],
      error: { message: 'a!', code: 'a' },
    })
  })
})
