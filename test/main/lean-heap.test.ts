import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const file = fileURLToPath(new URL('../../src/main/lean-heap.ts', import.meta.url))

/** Keeps 60 MB, and lets as much as a tenth of it live for a while, as answers of hosts do; prints the peak in parts of what is kept. */
const script = `
import { growHeapSlowly } from ${JSON.stringify(file)}
growHeapSlowly()
const piece = () => Array.from({ length: 2000 }, (_, i) => ({ i }))
const kept = Array.from({ length: 1500 }, piece)
const passing = []
let peak = 0
for (let i = 0; i < 6000; i++) {
  passing.push(piece())
  if (passing.length > 200) passing.shift()
  peak = Math.max(peak, process.memoryUsage().heapUsed)
}
passing.length = 0
gc()
process.stdout.write(String(kept.length > 0 && peak / process.memoryUsage().heapUsed))
`

describe('growHeapSlowly', () => {
  // Without it, V8 lets the heap grow to 3 or 4 times what is in use.
  it.skipIf(!process.versions.v8.startsWith('11.'))(
    'keeps the heap small beside what is in use',
    () => {
      const words = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script]
      const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
      expect(stderr).toBe('')
      expect(Number(stdout)).toBeGreaterThan(1)
      expect(Number(stdout)).toBeLessThan(2.6)
    },
  )
})
