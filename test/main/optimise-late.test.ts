import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const file = fileURLToPath(new URL('../../src/main/optimise-late.ts', import.meta.url))

const script = `import { optimiseLate } from ${JSON.stringify(file)}; optimiseLate()`

describe('optimiseLate', () => {
  it('asks this Node for nothing that it does not know: each run would begin with a complaint', () => {
    const words = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 })
  })
})
