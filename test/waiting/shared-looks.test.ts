import { expect, it } from 'vitest'
import { sharedLooks } from '../../src/waiting/shared-looks.ts'

it('shares one look between all callers before it begins, and the next one between those who ask during it', async () => {
  const ends: ((value: number) => void)[] = []
  const look = sharedLooks(() => new Promise<number>((resolve) => ends.push(resolve)))
  const begun = async (count: number): Promise<void> => {
    while (ends.length < count) await Promise.resolve()
  }
  const first = [look(), look()]
  await begun(1)
  const second = [look(), look()]
  ends[0]?.(1)
  expect(await Promise.all(first)).toEqual([1, 1])
  await begun(2)
  ends[1]?.(2)
  expect(await Promise.all(second)).toEqual([2, 2])
  expect(ends).toHaveLength(2)
})

it('looks again after a fault', async () => {
  const answers = [Promise.reject(new Error('gone')), Promise.resolve('here')]
  answers[0]?.catch(() => {})
  const look = sharedLooks(() => answers.shift() ?? Promise.resolve('none left'))
  await expect(look()).rejects.toThrow('gone')
  expect(await look()).toBe('here')
})
