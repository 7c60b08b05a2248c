import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeRandom } from '../../random.ts'
import { long } from '../../rounds.ts'
import { hasAnsible, readWithAnsible } from './ansible.ts'
import { ours, theirs } from './comparable.ts'
import { written } from './corpus.ts'
import { generated } from './generate.ts'

describe.runIf(long && hasAnsible)('our reading of generated inventories', () => {
  it('agrees with what ansible-inventory prints', async () => {
    const cases = Array.from({ length: 500 }, (_, seed) => generated(`${seed}`, makeRandom(seed)))
    const directories = await Promise.all(cases.map(written))
    const printed = readWithAnsible(
      cases.map((one, index) => ({
        directory: directories[index] ?? '',
        arguments: one.arguments,
      })),
    )
    for (const [index, one] of cases.entries()) {
      const files = [...one.files].map(([path, text]) => `-- ${path}\n${text}`).join('')
      expect(printed[index], files).not.toHaveProperty('error')
      const expected = theirs(printed[index])
      const read = ours(directories[index] ?? '', one.arguments)
      if (Object.keys(expected.variables).length > 0) expect(await read, files).toEqual(expected)
      else await expect(read, files).rejects.toThrow('lists no hosts')
    }
    await Promise.all(directories.map((one) => rm(one, { recursive: true })))
  })
})
