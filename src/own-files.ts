import { readFileSync } from 'node:fs'
import { getAsset, isSea } from 'node:sea'

/** Whether this program is the single executable: there is no Node beside it, and no file of ours. */
export const isExecutable = isSea()

/** A file of this program. It lies where `url` says; the executable holds it under its last name. */
export function readOwnFile(url: URL): Buffer {
  if (!isExecutable) return readFileSync(url)
  return Buffer.from(getAsset(url.pathname.split('/').at(-1) ?? ''))
}
