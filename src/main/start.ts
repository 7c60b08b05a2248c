import { fileURLToPath } from 'node:url'
import { version } from '../version.ts'
import { loadBundle } from './bundle.ts'
import { guardOutput } from './streams.ts'

type Main = (args: readonly string[]) => Promise<number>

/** Loads what runs `fw-run` with these arguments, as main.ts says, from its bundle. Throws a fault with a remedy if a file of ours is damaged. */
export function load(args: readonly string[]): Main {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) return tellVersion
  const bundle = loadBundle(fileURLToPath(new URL('./fw-run.cjs', import.meta.url)))
  return (bundle as typeof import('../main.ts')).main
}

/** Without the bundle, in half the time. */
async function tellVersion(): Promise<number> {
  guardOutput()
  process.stdout.write(`${version}\n`)
  return 0
}
