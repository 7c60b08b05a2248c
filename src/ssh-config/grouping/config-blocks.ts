import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ownHome } from '../../jump-host/own-home.ts'
import { maxSshConfigBytes, maxSshConfigFiles, maxSshIncludes } from '../../limits.ts'
import { type ConfigLine, configLines } from './config-lines.ts'
import { includedFiles } from './include-files.ts'

/** A condition under which lines hold: patterns of Host, or the words of Match. */
export interface Condition {
  readonly kind: 'host' | 'match'
  readonly words: readonly string[]
}

/** Lines that hold under the same conditions, all of which must be met. */
export interface ConfigBlock {
  readonly conditions: readonly Condition[]
  readonly lines: readonly ConfigLine[]
}

/** A configuration with its includes in their places. */
export interface ConfigBlocks {
  /** The files that are there. */
  readonly files: readonly string[]
  /** Undefined where we cannot tell what ssh would read. */
  readonly blocks: readonly ConfigBlock[] | undefined
}

/** Reads what ssh would read: the file, or without one the user's own and then the machine's. */
export function readBlocks(file: string | undefined): ConfigBlocks {
  const own = join(ownHome(), '.ssh')
  const roots =
    file === undefined
      ? [
          [join(own, 'config'), own],
          ['/etc/ssh/ssh_config', '/etc/ssh'],
        ]
      : [[file, own]]
  const reading: Reading = { files: [], blocks: [], sure: true }
  for (const [path = '', base = ''] of roots) readFile(path, base, [], 0, reading)
  return { files: reading.files, blocks: reading.sure ? reading.blocks : undefined }
}

interface Reading {
  readonly files: string[]
  readonly blocks: ConfigBlock[]
  sure: boolean
}

function readFile(
  path: string,
  base: string,
  outer: readonly Condition[],
  depth: number,
  reading: Reading,
): void {
  const text = textOf(path)
  if (text === undefined) return
  reading.files.push(path)
  if (text === 'unreadable' || depth > maxSshIncludes || reading.files.length > maxSshConfigFiles) {
    reading.sure = false
    return
  }
  let conditions = outer
  let lines: ConfigLine[] = []
  const end = () => {
    if (lines.length > 0) reading.blocks.push({ conditions, lines })
    lines = []
  }
  for (const line of configLines(text.text)) {
    const { keyword, words } = line
    switch (keyword) {
      case 'host':
      case 'match':
        end()
        if (words === undefined) reading.sure = false
        conditions = [...outer, { kind: keyword, words: words ?? [] }]
        break
      case 'include': {
        end()
        const files = words && includedFiles(words, base)
        if (files === undefined) reading.sure = false
        for (const file of files ?? []) readFile(file, base, conditions, depth + 1, reading)
        break
      }
      default:
        lines.push(line)
    }
    if (!reading.sure) return
  }
  end()
}

function textOf(path: string): { readonly text: string } | 'unreadable' | undefined {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return stats.isCharacterDevice() ? undefined : 'unreadable'
    if (stats.size > maxSshConfigBytes) return 'unreadable'
    return { text: readFileSync(path, 'utf8') }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable'
  }
}
