import { randomBytes } from 'node:crypto'
import { open, rename, stat, unlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { lockPatienceMs, staleLockMs } from '../../limits.ts'

const pauseMs = 20

const turns = new Map<string, Promise<unknown>>()

/**
 * Does something to a file while no other fw-run does. The lock is FILE.fw-run-lock; one whose owner was killed gives way
 * after a while. Rejects if the lock cannot be had.
 */
export function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(file) ?? Promise.resolve()).then(() => locked(file, work))
  turns.set(
    file,
    turn.catch(() => undefined),
  )
  return turn
}

async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.fw-run-lock`
  const since = Date.now()
  while (!(await take(lock))) {
    if (Date.now() - since > lockPatienceMs) throw new Error(`another fw-run holds ${lock}`)
    await delay(pauseMs)
  }
  try {
    return await work()
  } finally {
    await unlink(lock).catch(() => undefined)
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
  // By another name first: of two who find it stale, only one moves it away.
  if (age > staleLockMs) {
    const away = `${lock}.${randomBytes(4).toString('hex')}`
    await rename(lock, away)
      .then(() => unlink(away))
      .catch(() => undefined)
  }
  return false
}
