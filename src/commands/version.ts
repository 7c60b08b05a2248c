import { builtFrom } from '../built-from.ts'
import { isExecutable } from '../own-files.ts'
import { version as number } from '../version.ts'
import type { Perform } from './command.ts'

/** `fw-run version`: prints its number; with `--verbose`, what it was built from. */
export const version: Perform = async ({ verbose }) => {
  const { commit, packages } = builtFrom()
  const node = process.versions.node
  const where = isExecutable ? 'inside the executable' : process.execPath
  return {
    exitCode: 0,
    text: () =>
      verbose
        ? [
            `fw-run ${number}`,
            `commit ${commit ?? 'not known'}`,
            `Node ${node} (${where})`,
            ...packages.map(({ name, version: its }) => `${name} ${its}`),
          ]
        : [number],
    json: () => ({ commit, node, executable: isExecutable, packages }),
  }
}
