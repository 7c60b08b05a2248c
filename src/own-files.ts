import { readFileSync } from 'node:fs'
import { getAsset, isSea } from 'node:sea'
import { FwRunError, messageOf } from './errors.ts'

/** Whether this program is the single executable: there is no Node beside it, and no file of ours. */
export const isExecutable = isSea()

/** A file of this program. It lies where `url` says; the executable holds it under its last name. Throws an `internal` fault if it is gone. */
export function readOwnFile(url: URL): Buffer {
  if (!isExecutable) return readInstalledFile(url)
  return Buffer.from(getAsset(url.pathname.split('/').at(-1) ?? ''))
}

function readInstalledFile(url: URL): Buffer {
  try {
    return readFileSync(url)
  } catch (cause) {
    throw damagedFile('read', cause)
  }
}

/** The fault of a file of this program that is not as it was installed. */
export function damagedFile(what: 'read' | 'loaded', cause: unknown): FwRunError {
  const why = `a file of fw-run itself cannot be ${what}: ${messageOf(cause)}`
  return new FwRunError('internal', `${why}. fw-run is being upgraded, or it is damaged.`, {
    remedy:
      'Wait until the upgrade has ended, or install fw-run again. Then run the command again.',
    cause,
  })
}
