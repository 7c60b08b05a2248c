import { hierarchyOf } from './reading/hierarchy.ts'
import { createProblems } from './reading/problems.ts'
import { readSources } from './reading/read-sources.ts'
import { isStdin } from './source-names.ts'
import { openSources } from './sources/open-sources.ts'

/**
 * The names of hosts and groups that an inventory states, as far as files and lists of hosts alone say: no program is
 * run, and stdin is not read. Rejects if a file cannot be read.
 */
export async function statedNames(
  given: readonly string[],
): Promise<{ readonly hosts: readonly string[]; readonly groups: readonly string[] }> {
  const problems = createProblems()
  const files = given.filter((one) => !isStdin(one))
  const { sources } = await openSources(files, problems, { filesOnly: true })
  const raw = readSources(sources, problems)
  return { hosts: [...raw.hosts.keys()], groups: [...hierarchyOf(raw, problems).members.keys()] }
}
