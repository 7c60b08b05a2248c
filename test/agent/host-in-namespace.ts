import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { it } from 'vitest'
import type { RootShell } from '../../src/ssh/root-shell.ts'
import type { ProgramEnd } from '../../src/ssh/transport.ts'

/**
 * A host of its own: a network namespace with real legacy iptables and ipset, and a /run of its own. It runs the shell
 * that is asked for, on pipes, as an SSH session would.
 */
export interface Host {
  /** A root shell on the host that waits for its program on stdin. */
  shell(): OpenShell
  /** Two such shells in one session that neither leads, as some SSH servers start them. The second leads its process group. */
  sharedSession(): { readonly leader: number; readonly shells: readonly OpenShell[] }
  /** Runs a script on the host and gives back its stdout; throws when it fails. */
  run(script: string, input?: string): string
  /** What of the firewall a transaction must bring back: the filter table without counters, and all sets. */
  firewall(): string
  /** Files in /run and sets that are ours but should not stay; the note is for the next run. */
  leftovers(): string
  /** What the host left for the next run to tell. */
  note(): string
  stop(): void
}

/** A root shell. `pid` is its process, or that which leads its session. */
export interface OpenShell extends RootShell {
  readonly pid: number
  hangUp(): void
}

/** `it` for tests that each have a host of their own under a shell, so that they can run side by side. */
export function itOnHost(command: readonly string[]) {
  return it.extend<{ host: Host }>({
    host: async ({ onTestFinished }, use) => {
      const host = await startHost(command)
      onTestFinished(() => host.stop())
      await use(host)
    },
  })
}

/** The shells that the agent must run under, by name. */
export const shells: Readonly<Record<string, readonly string[]>> = {
  dash: ['/usr/bin/dash'],
  'bash --posix': ['/usr/bin/bash', '--posix'],
  'busybox sh': ['/usr/bin/busybox', 'sh'],
}

const tools = [
  '/usr/sbin/iptables-legacy',
  '/usr/sbin/ipset',
  '/usr/bin/unshare',
  '/usr/bin/nsenter',
]

// An SSH server that serves two shells, of which the second leads its process group, and a third program, until its stdin ends. It
// has open what tells a tool of an agent, and so has that program.
const server = `
  "$@" <&3 >&3 3>&- 4>&- &
  bash -c 'set -m; "$@" <&4 >&4 3>&- 4>&- &' sh "$@"
  exec 3>&- 4>&- 5<&0 7</dev/null 8</dev/null
  cat <&5 >/dev/null &
  wait`

function openShell(
  pid: number,
  { stdin, stdout, stderr }: Streams,
  ended: Promise<ProgramEnd>,
): OpenShell {
  let said = ''
  stderr.on('data', (chunk) => {
    said += chunk
  })
  const text = new PassThrough({ encoding: 'utf8' })
  stdout.pipe(text)
  stdin.on('error', () => {})
  return {
    pid,
    write: (words) => void (stdin.writable && stdin.write(words)),
    end: () => void stdin.end(),
    hangUp() {
      stdin.destroy()
      stdout.destroy()
    },
    stdout: text,
    stderrTail: () => said.slice(-4096),
    ended,
  }
}

interface Streams {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

// The agent looks into /usr/local/sbin first, so what lies there is what it finds; its watchdog runs under /bin/sh. The
// host ends with its stdin, so that none outlives the tests.
const furnish = `
  mount -t tmpfs none /run
  mount -t tmpfs none /usr/local/sbin
  mount --bind "$1" /bin/sh
  for tool in iptables ip6tables; do
    for verb in "" -save -restore; do ln -s /usr/sbin/$tool-legacy$verb /usr/local/sbin/$tool$verb; done
  done
  echo ready
  exec cat >/dev/null`

/** Starts a host. It vanishes with `stop`; nothing of the machine's own firewall is touched. */
export async function startHost(command: readonly string[]): Promise<Host> {
  if (process.getuid?.() !== 0) throw new Error('These tests make namespaces: run them as root.')
  for (const tool of [...tools, command[0] ?? '']) {
    if (!existsSync(tool)) throw new Error(`These tests need ${tool}: install its Debian package.`)
  }
  const holder = spawn(
    'unshare',
    ['--net', '--mount', 'sh', '-c', furnish, 'sh', command[0] ?? ''],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve)
    holder.once('exit', () => reject(new Error('unshare failed: no namespaces here?')))
  })
  const enter = ['-t', `${holder.pid}`, '-n', '-m', '--']
  const run = (script: string, input = ''): string =>
    execFileSync('nsenter', [...enter, 'sh', '-ec', `PATH=/usr/local/sbin:$PATH\n${script}`], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
      input,
    })
  const inputs: Writable[] = []
  return {
    run,
    shell() {
      const child = spawn('nsenter', [...enter, ...command], { detached: true })
      inputs.push(child.stdin)
      const ended = new Promise<ProgramEnd>((resolve) => {
        child.once('close', (code, signal) =>
          resolve(
            code === null ? { kind: 'signalled', signal: signal ?? '' } : { kind: 'exited', code },
          ),
        )
      })
      return openShell(child.pid ?? 0, child, ended)
    },
    sharedSession() {
      const child = spawn('nsenter', [...enter, 'sh', '-c', server, 'sh', ...command], {
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
      })
      const shellOver = (socket: Socket): OpenShell => {
        const ended = new Promise<ProgramEnd>((resolve) => {
          socket.once('close', () => resolve({ kind: 'exited', code: 0 }))
        })
        const stderr = child.stderr as Readable
        inputs.push(socket)
        return openShell(child.pid ?? 0, { stdin: socket, stdout: socket, stderr }, ended)
      }
      inputs.push(child.stdin as Writable)
      const shells = [child.stdio[3], child.stdio[4]].map((socket) => shellOver(socket as Socket))
      return { leader: child.pid ?? 0, shells }
    },
    firewall: () => run("iptables-save -t filter | grep -v '^#' | sed 's/ \\[.*//'; ipset save"),
    leftovers: () =>
      run(
        'find /run/fw-run -mindepth 1 ! -name note 2>/dev/null || :; ipset -n list | grep fw-run || :',
      ),
    note: () => run('cat /run/fw-run/note 2>/dev/null || :'),
    stop() {
      for (const input of inputs) input.end()
      holder.kill('SIGKILL')
    },
  }
}
