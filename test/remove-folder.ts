import { rmSync } from 'node:fs'

/** Deletes a folder into which a program that is about to end may still write. Node's own retries look for no new files. */
export function removeFolder(path: string): void {
  for (let tries = 50; ; tries--) {
    try {
      rmSync(path, { recursive: true, force: true })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === 0) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
}
