import { expect, it } from 'vitest'
import { beginInTurns, inTurn, inTurns } from '../../src/waiting/event-loop-turn.ts'

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

it('lets timers run between the pieces of one work', async () => {
  let beats = 0
  const heart = setInterval(() => beats++, 10)
  const beatsSeen = await inTurns(function* () {
    const seen: number[] = []
    for (let piece = 0; piece < 20; piece++) {
      const end = performance.now() + 20
      while (performance.now() < end);
      seen.push(beats)
      yield
    }
    return seen
  })
  clearInterval(heart)
  expect(new Set(beatsSeen).size).toBeGreaterThan(10)
})

it('ends with what the work throws, and goes on with other work', async () => {
  const failing = inTurns(function* () {
    yield
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await inTurn(() => 1)).toBe(1)
})

it('lets timers run while work is begun on many hosts, and then waits for all of it', async () => {
  let beats = 0
  let beatsBegun = 0
  const heart = setInterval(() => beats++, 10)
  const hosts = Array.from({ length: 20 }, (_, i) => i)
  const done = await beginInTurns(hosts, async (host) => {
    const end = performance.now() + 20
    while (performance.now() < end);
    beatsBegun = beats
    await new Promise((resolve) => setTimeout(resolve, 1))
    return host
  })
  clearInterval(heart)
  expect(beatsBegun).toBeGreaterThan(10)
  expect(done).toEqual(hosts)
})

it('begins all work although some of it fails, and then rejects', async () => {
  let begun = 0
  const work = async (host: number): Promise<void> => {
    begun++
    if (host === 0) throw new Error('no')
  }
  await expect(beginInTurns([0, 1, 2], work)).rejects.toThrow('no')
  expect(begun).toBe(3)
})
