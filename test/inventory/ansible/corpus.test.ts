import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { long } from '../../rounds.ts'
import { hasAnsible, readWithAnsible } from './ansible.ts'
import { ours, theirs } from './comparable.ts'
import { CORPUS, corpus, written } from './corpus.ts'

const cases = await corpus()

describe('our reading of an inventory', () => {
  it('is tried on a corpus', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60)
  })

  it.each(cases.map((one) => [one.name, one] as const))(
    'agrees with what ansible-inventory printed: %s',
    async (name, one) => {
      const directory = await written(one)
      try {
        const printed = JSON.parse(await readFile(join(CORPUS, `${name}.json`), 'utf8'))
        expect(await ours(directory, one.arguments)).toEqual(theirs(printed))
      } finally {
        await rm(directory, { recursive: true })
      }
    },
  )
})

describe.runIf(long && hasAnsible)('ansible-inventory', () => {
  it('prints what was recorded; vitest -u records it again', async () => {
    const directories = await Promise.all(cases.map(written))
    const asked = cases.map((one, index) => ({
      directory: directories[index] ?? '',
      arguments: one.arguments,
    }))
    const printed = readWithAnsible(asked)
    for (const [index, { name }] of cases.entries()) {
      expect(printed[index], name).not.toHaveProperty('error')
      const text = `${JSON.stringify(printed[index], null, 1)}\n`
      await expect(text).toMatchFileSnapshot(join(CORPUS, `${name}.json`))
    }
    await Promise.all(directories.map((one) => rm(one, { recursive: true })))
  })
})
