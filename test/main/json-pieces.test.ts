import { describe, expect, it } from 'vitest'
import { jsonPieces } from '../../src/main/json-pieces.ts'
import { Secret } from '../../src/secret.ts'
import { makeRandom } from '../random.ts'

const asIs = (_: string, value: unknown) => value

/** A random value of JSON, where undefined may stand, too. */
function someValue(random: ReturnType<typeof makeRandom>, depth: number): unknown {
  const kinds = ['text', 'number', 'other', 'array', 'object', 'list'] as const
  const kind = random.pick(kinds)
  const inside = () => (depth > 4 ? 1 : someValue(random, depth + 1))
  const many = (length: number) => Array.from({ length }, inside)
  switch (kind) {
    case 'text':
      return random.pick(['', 'a "b"', 'two\nlines', '\u2028 ü \ud800', '10.42.0.1'])
    case 'number':
      return random.pick([0, -1.5, 2 ** 53, Number.NaN])
    case 'other':
      return random.pick([true, false, null, undefined])
    case 'list':
      return Array.from({ length: random.below(120) }, (_, i) => `member "${i}"`)
    case 'array':
      return many(random.below(5))
    case 'object':
      return Object.fromEntries(many(random.below(5)).map((value, i) => [`k"${i}`, value]))
  }
}

describe('jsonPieces', () => {
  it.each([['  '], ['']])('writes what JSON.stringify does, with an indent of "%s"', (step) => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = makeRandom(seed)
      const shared = Array.from({ length: 60 }, (_, i) => `10.0.0.${i}`)
      const document = {
        ...{ schema: 1, none: undefined, empty: {}, nothing: [] },
        hosts: [{ members: shared }, { change: { after: { members: shared } } }],
        some: someValue(random, 0),
        more: [someValue(random, 0), someValue(random, 0)],
      }
      const text = [...jsonPieces(document, asIs, step)].join('')
      expect(text, `seed ${seed}`).toBe(JSON.stringify(document, undefined, step))
    }
  })

  it('writes what is given in place of a member', () => {
    const replace = (key: string, value: unknown) => (key === 'remedy' ? 'Run it.' : value)
    const document = { hosts: [{ checks: [{ remedy: 'Run.', reason: 'So.' }] }] }
    expect(JSON.parse([...jsonPieces(document, replace, '')].join(''))).toEqual({
      hosts: [{ checks: [{ remedy: 'Run it.', reason: 'So.' }] }],
    })
  })

  it('writes no secret', () => {
    const document = { some: { password: new Secret('hidden') }, list: [new Secret('hidden')] }
    const text = JSON.stringify(document, undefined, 2)
    expect([...jsonPieces(document, asIs, '  ')].join('')).toBe(text)
    expect(text).not.toContain('hidden')
  })

  it('gives the document of many hosts in pieces that are short beside it', () => {
    const hosts = Array.from({ length: 500 }, (_, i) => ({ host: `node${i}`, notes: ['a', 'b'] }))
    const pieces = [...jsonPieces({ result: { hosts } }, asIs, '')]
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100)
  })
})
