import { formatWithLength } from '../../src/ip/dual.ts'
import type { Random } from '../random.ts'

/** Networks of both families, of which many lie in each other, and some are alike. */
export function randomNetworks(random: Random, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const family = random.pick([4, 4, 6])
    const bits = family === 4 ? 32 : 128
    const length = random.pick([0, 7, 8, 15, 16, 17, 24, 31, bits])
    const start = family === 4 ? 10n << 24n : 0xfd42n << 112n
    const bit = (at: number): bigint => BigInt(random.below(2)) << BigInt(bits - at)
    const address = start + bit(bits) + bit(24) + bit(17) + bit(16) + bit(8)
    const behind = BigInt(bits - length)
    const first = (address >> behind) << behind
    return formatWithLength({ family, first, last: first + (1n << behind) - 1n, length })
  })
}
