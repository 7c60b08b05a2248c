import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'

/**
 * Whether a file is a program that this user may run: it is executable, and begins as a script or a binary does. Shared folders often
 * mark every file as executable.
 */
export async function isProgram(file: string): Promise<boolean> {
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!executable) return false
  const start = await startOf(file).catch(() => '')
  return start.startsWith('#!') || start === '\x7fELF'
}

async function startOf(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
