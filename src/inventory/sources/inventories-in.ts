import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { maxSourceDepth, maxSourceFiles } from '../../limits.ts'
import { typed } from '../../text/shell-quotes.ts'
import { type FilesRead, keepListing } from '../files-read.ts'
import { manifestKind } from '../formats/recognise.ts'
import { readInventoryFile } from '../reading/inventory-file.ts'
import type { Problems } from '../reading/problems.ts'
import { isProgram } from './program.ts'

/**
 * The inventories in a directory and those below it, in the order of their names. Ansible ignores the same names by default, or as
 * Kubespray configures it. Where its versions differ, and hosts could be missing, a fault is recorded. What was in each directory is kept in `listings`.
 */
export async function inventoriesIn(
  directory: string,
  listings: FilesRead,
  problems: Problems,
): Promise<readonly string[]> {
  const files: string[] = []
  for (const file of await filesIn(directory, 1, listings, problems)) {
    const kind = (await isProgram(file)) ? undefined : manifestKind(await readInventoryFile(file))
    if (kind === undefined) files.push(file)
    else {
      problems.warn(
        { source: file },
        `is not read: it is a file of Kubernetes (${kind}). To end this warning, move it out of this directory`,
      )
    }
  }
  const others = files.filter((file) => !file.endsWith('.ini'))
  if (others.length === 0) return files
  for (const file of files) {
    if (others.includes(file)) continue
    problems.add(
      { source: file },
      'Ansible before 2.19 does not read *.ini beside other inventories. So fw-run does not know whether the hosts of this file count',
      `Give -i for each file that counts, for example: -i ${typed(others[0] ?? '')} -i ${typed(file)}`,
    )
  }
  return others
}

async function filesIn(
  directory: string,
  depth: number,
  listings: FilesRead,
  problems: Problems,
): Promise<readonly string[]> {
  if (depth > maxSourceDepth) {
    problems.stop(
      { source: directory },
      `more than ${maxSourceDepth} directories inside each other`,
    )
  }
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) =>
    problems.stop({ source: directory }, `this user cannot read the directory (${cause.code})`),
  )
  keepListing(listings, directory, names)
  const files: string[] = []
  for (const name of names.sort()) {
    const path = join(directory, name)
    if (IGNORED_BY_KUBESPRAY.test(name)) {
      problems.warn(
        { source: path },
        `is not read: Kubespray uses such names for secrets and programs. If it is an inventory, add -i ${typed(path)}`,
      )
    } else if (!IGNORED.test(name)) {
      const found = await stat(path).catch(() => undefined)
      files.push(
        ...(found?.isDirectory() ? await filesIn(path, depth + 1, listings, problems) : [path]),
      )
    }
    if (files.length > maxSourceFiles) {
      problems.stop({ source: directory }, `has more than ${maxSourceFiles} files`)
    }
  }
  return files
}

// IGNORED and INVENTORY_IGNORE_EXTS of Ansible (inventory/manager.py, config/base.yml); up to 2.18 they also had `.ini`.
const IGNORED =
  /^\.|^(host_vars|group_vars|vars_plugins)$|(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)|~)$/

// What the ansible.cfg of Kubespray adds: keys and kubeconfigs would be taken for hosts, and kubectl.sh be run.
const IGNORED_BY_KUBESPRAY = /^(artifacts|credentials)$|\.(creds|gpg)$/
