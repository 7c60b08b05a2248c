import { expect, it } from 'vitest'
import { inTurn } from '../src/event-loop-turn.ts'

it('lets timers run between pieces of work, however many are asked for at once', async () => {
  let beats = 0
  const heart = setInterval(() => beats++, 10)
  const work = (): number => {
    const end = performance.now() + 20
    while (performance.now() < end);
    return beats
  }
  const seen = await Promise.all(Array.from({ length: 20 }, () => inTurn(work)))
  clearInterval(heart)
  expect(new Set(seen).size).toBeGreaterThan(10)
})
