import { fileURLToPath } from 'node:url'
import { loadBundle } from '../bundle.ts'

/** Runs `fw-run`, as main.ts says, from its bundle. */
export const { main } = loadBundle(
  fileURLToPath(new URL('./fw-run.cjs', import.meta.url)),
) as typeof import('../main.ts')
