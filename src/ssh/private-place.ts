import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FwRunError, messageOf } from '../errors.ts'
import { ownVariablesLeftOut } from '../jump-host/process-group.ts'
import type { Secret } from '../secret.ts'
import { type Asking, openAsking } from './openssh/asking.ts'

/** What the ssh processes of a run share: a directory that only this user can enter, for their control sockets. */
export interface PrivatePlace {
  /** A path for a new control socket. */
  socket(): Promise<string>
  /** Lets an ssh ask us for secrets; `answer` gets the words of each question, and gives nothing where it must not answer. */
  asking(answer: (question: string) => Secret | undefined): Promise<Asking>
  /** Ends all ssh processes that are connected, and removes the directory. */
  close(): void
}

const prefix = 'fw-run-'

// The path of a socket has 107 bytes at most on Linux, and 103 on macOS. ssh appends 17 characters while it makes one.
const maxParentBytes = 103 - `/${prefix}XXXXXX/99999.ssh`.length - 17

/**
 * Prepares the place; nothing is made before the first question. If this process is killed, a shell that waits for its
 * end cleans up; a connection that nobody uses ends by itself soon.
 */
export function createPrivatePlace(): PrivatePlace {
  let opening: Promise<{ directory: string; warden: ChildProcess }> | undefined
  let asking: ReturnType<typeof openAsking> | undefined
  let count = 0
  let closed = false

  const open = async () => {
    const directory = await makeDirectory()
    if (closed) rmSync(directory, { recursive: true, force: true })
    return { directory, warden: startWarden(directory) }
  }
  const opened = async () => {
    if (closed) throw new Error('the run has ended')
    opening ??= open()
    return (await opening).directory
  }
  return {
    async socket() {
      return join(await opened(), `${++count}.ssh`)
    },
    async asking(answer) {
      const directory = await opened()
      asking ??= openAsking(directory)
      return asking.ask(answer)
    },
    close() {
      closed = true
      asking?.close()
      // The caller of `socket` gets this fault.
      opening?.then(({ warden }) => warden.stdin?.end()).catch(() => {})
    },
  }
}

/** Whether the program `ssh` is on this machine. */
export function isSshHere(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ssh', ['-V'], (error) => resolve(error?.code !== 'ENOENT'))
  })
}

/** Makes it at the first place that can be written and has a short name. XDG_RUNTIME_DIR may vanish when the user logs out. */
async function makeDirectory(): Promise<string> {
  const faults: string[] = []
  for (const parent of new Set([tmpdir(), process.env.XDG_RUNTIME_DIR, '/tmp'])) {
    if (!parent || Buffer.byteLength(parent) > maxParentBytes) continue
    // ssh splits and expands ControlPath.
    if (/[\s"'$\\]/.test(parent)) continue
    try {
      return await mkdtemp(join(parent, prefix))
    } catch (error) {
      faults.push(messageOf(error))
    }
  }
  throw new FwRunError(
    'credentials',
    `fw-run cannot make a directory for the sockets of ssh: ${faults.join('; ')}.`,
    {
      remedy:
        'Set TMPDIR to a directory that you can write. Its name must be short and have no spaces.',
    },
  )
}

// It learns of the end of this process, however it ends, by the end of its stdin.
const wardenScript = `cat >/dev/null
for socket in "$0"/*.ssh; do
  [ ! -S "$socket" ] || ssh -F none -S "$socket" -o ProxyCommand=false -O exit fw-run &
done
wait
rm -rf "$0"`

function startWarden(directory: string): ChildProcess {
  // In a session of its own: Ctrl-C is for the runner, which still needs its connections to roll back.
  const warden = spawn('/bin/sh', ['-c', wardenScript, directory], {
    detached: true,
    env: ownVariablesLeftOut(),
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  warden.on('error', () => rmSync(directory, { recursive: true, force: true }))
  warden.stdin?.on('error', () => {})
  warden.unref()
  if (warden.stdin instanceof Socket) warden.stdin.unref()
  return warden
}
