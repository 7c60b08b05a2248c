import { fileURLToPath } from 'node:url'
import { version } from '../version.ts'
import { loadBundle } from './bundle.ts'
import { guardOutput } from './streams.ts'

/** Runs `fw-run`, as main.ts says, from its bundle. The version alone is told without it, in half the time. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    guardOutput()
    process.stdout.write(`${version}\n`)
    return 0
  }
  const bundle = loadBundle(fileURLToPath(new URL('./fw-run.cjs', import.meta.url)))
  return (bundle as typeof import('../main.ts')).main(args)
}
