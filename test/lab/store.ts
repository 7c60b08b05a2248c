import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** A tmpfs: it holds the devices that overlayfs takes for deleted files, and it is empty when the machine starts. */
const STORE = '/dev/shm/fw-run-lab'

const DAY_MS = 86_400_000

/** The directory for what labs share; throws if other users could have written in it, because labs run it as root. */
export function openStore(): string {
  mkdirSync(STORE, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(STORE)
  if (uid !== 0 || (mode & 0o170_077) !== 0o040_000) {
    throw new Error(
      `${STORE} must be a directory that only root can open. Remove it and try again.`,
    )
  }
  return STORE
}

/** Makes a directory of the store that appears whole or not at all. Of several makers at the same time the first wins. */
export async function makeWhole(
  target: string,
  make: (directory: string) => Promise<unknown>,
): Promise<void> {
  const directory = mkdtempSync(join(STORE, 'building-'))
  try {
    await make(directory)
    mkdirSync(dirname(target), { recursive: true })
    renameSync(directory, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Removes what no lab started with for a day: a lab needs it as long as it lives, and no lab lives that long. */
export function removeUnused(): void {
  for (const path of readdirSync(STORE).map((name) => join(STORE, name))) {
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (Date.now() - usedAt > DAY_MS) rmSync(path, { recursive: true, force: true })
  }
}
