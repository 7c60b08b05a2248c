import { expect, it } from 'vitest'
import { keepTrying } from '../../src/transaction/keep-trying.ts'

it('pauses between two attempts, and makes none after it is told to stop in the pause', async () => {
  const controller = new AbortController()
  let attempts = 0
  const last = await keepTrying(
    async () => {
      setImmediate(() => controller.abort())
      return ++attempts
    },
    (made) => made === 1000,
    60_000,
    controller.signal,
  )
  expect(last).toBe(1)
  expect(attempts).toBe(1)
})
