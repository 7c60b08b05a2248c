import { describe, expect, it } from 'vitest'
import { maxSharedLines } from '../../src/limits.ts'
import { onceForLast, onceForLine } from '../../src/memory/once-for.ts'

describe('onceForLine', () => {
  it('gives equal lines one value, and remembers no more than so many', () => {
    let computed = 0
    const read = onceForLine((line) => ({ line, number: ++computed }))
    expect(read('a b')).toBe(read(['a', 'b'].join(' ')))
    for (let i = 0; i < maxSharedLines; i++) read(`line ${i}`)
    expect(read('a b').line).toBe('a b')
    expect(computed).toBe(maxSharedLines + 2)
  })
})

describe('onceForLast', () => {
  it('remembers the two objects that were asked for last', () => {
    const asked: string[] = []
    const read = onceForLast(({ name }: { name: string }) => asked.push(name))
    const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    for (const one of [a, b, a, b, c, b, a]) read(one)
    expect(asked).toEqual(['a', 'b', 'c', 'a'])
  })
})
