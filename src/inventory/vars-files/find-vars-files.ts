import { type Dirent, readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { maxVarsDepth, maxVarsFiles } from '../../limits.ts'
import { type FilesRead, keepListing } from '../files-read.ts'
import type { Problems } from '../reading/problems.ts'
import { warnOfMisnamed } from './misnamed-vars-files.ts'

/** The files of variables of each group or host, by its name, in the order in which Ansible reads them. */
export type VarsFiles = ReadonlyMap<string, readonly string[]>

/**
 * The files for these groups or hosts in a directory `group_vars` or `host_vars`. As in Ansible, of `web`, `web.yml`, `web.yaml` and
 * `web.json` only the first counts that exists. A directory stands for all files in it. What was in each directory is kept in `listings`.
 */
export function findVarsFiles(
  directory: string,
  names: readonly string[],
  listings: FilesRead,
  problems: Problems,
): VarsFiles {
  const entries = entriesOf(directory, listings, problems)
  const present = new Map(entries.map((entry) => [entry.name, entry]))
  const found = new Map<string, readonly string[]>()
  const read = new Set<string>()
  for (const name of names) {
    const spellings = EXTENSIONS.map((extension) => `${name}${extension}`)
    const [first, ...others] = spellings.filter((spelling) => present.has(spelling))
    if (first === undefined) continue
    const path = join(directory, first)
    const isFolder = !present.get(first)?.isFile() && isDirectory(path, problems)
    if (isFolder !== undefined)
      found.set(name, isFolder ? filesIn(path, 1, listings, problems) : [path])
    for (const other of others) {
      problems.warn({ source: join(directory, other) }, `is not read, because ${first} exists`)
    }
    for (const spelling of spellings) read.add(spelling)
  }
  warnOfMisnamed(
    entries.filter((entry) => !read.has(entry.name)),
    directory,
    names,
    problems,
  )
  return found
}

const EXTENSIONS: readonly string[] = ['', '.yml', '.yaml', '.json']

function entriesOf(directory: string, listings: FilesRead, problems: Problems): readonly Dirent[] {
  keepListing(listings, directory, [])
  try {
    const entries = readdirSync(directory, { withFileTypes: true })
    keepListing(
      listings,
      directory,
      entries.map(({ name }) => name),
    )
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ENOTDIR')
      problems.warn({ source: directory }, 'is not a directory: it is not read')
    else if (code !== 'ENOENT')
      problems.add({ source: directory }, `this user cannot read the directory (${code})`)
    return []
  }
}

/** All files below a directory of variables: those with one of the extensions, or none. */
function filesIn(
  directory: string,
  depth: number,
  listings: FilesRead,
  problems: Problems,
): readonly string[] {
  if (depth > maxVarsDepth) {
    return problems.stop(
      { source: directory },
      `more than ${maxVarsDepth} directories inside each other`,
    )
  }
  const files: string[] = []
  for (const { name } of entriesOf(directory, listings, problems)) {
    if (name.startsWith('.') || name.endsWith('~')) continue
    const path = join(directory, name)
    const extension = extname(name)
    const isFolder = isDirectory(path, problems)
    if (isFolder) {
      if (extension === '') files.push(...filesIn(path, depth + 1, listings, problems))
    } else if (isFolder === false && EXTENSIONS.includes(extension)) files.push(path)
    if (files.length > maxVarsFiles) {
      return problems.stop({ source: directory }, `has more than ${maxVarsFiles} files`)
    }
  }
  return files
}

/** Undefined, and a recorded fault, if nobody can tell. */
function isDirectory(path: string, problems: Problems): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch (cause) {
    const code = codeOf(cause)
    if (code === 'ELOOP') problems.add({ source: path }, 'this link leads to itself', MEND)
    else problems.add({ source: path }, `this user cannot read the file (${code})`, ALLOW)
    return undefined
  }
}

const MEND = 'Delete the link, or let it point to a file.'
const ALLOW = 'Let this user read the file, and enter the directories above it.'

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
}
