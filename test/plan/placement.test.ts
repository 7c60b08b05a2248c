import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseRuleset, rulesOf } from '../../src/iptables/ruleset.ts'
import { place } from '../../src/plan/placement.ts'

const folder = new URL('placements/', import.meta.url)

/** A case is a file: its name says what shall happen, `# pods`, `# position` and `# expect` lines the rest. */
const cases = readdirSync(folder).map((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const said = (word: string): string | undefined =>
    new RegExp(`^# ${word} (.+)$`, 'm').exec(text)?.[1]
  return {
    name: file.replace(/\.rules$/, '').replaceAll('-', ' '),
    ruleset: parseRuleset(text),
    pods: (said('pods') ?? '10.42.0.0/16').split(' '),
    position: Number(said('position')) || ('auto' as const),
    expected: said('expect') ?? 'no expectation',
  }
})

describe('place', () => {
  it.each(cases)('$name', ({ ruleset, pods, position, expected }) => {
    const rules = rulesOf(ruleset, 'filter', 'FORWARD')
    const placement = place(ruleset, rules, pods, position)
    if (expected.startsWith('refused ')) {
      expect(placement).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining(expected.slice('refused '.length)),
        remedy: expect.stringContaining('fw_'),
      })
    } else {
      const number = Number(expected)
      expect(placement).toEqual({ kind: 'placed', position: number, before: rules[number - 1] })
    }
  })
})
