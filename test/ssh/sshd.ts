import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeFolder } from '../remove-folder.ts'

/** A real sshd on 127.0.0.1 with its own host keys; root may log in with `userKey`. */
export interface Sshd {
  readonly port: number
  readonly directory: string
  readonly userKey: string
  /** The public host key of that type, as `type base64`. */
  hostKey(type: string): string
  pid(): number
  /** What it has logged, by its LogLevel. */
  log(): string
  stop(): void
}

export interface SshdSettings {
  readonly hostKeyTypes?: readonly string[]
  /** Further lines of sshd_config; the first mention of a word wins, so these override. */
  readonly config?: readonly string[]
  /** A shell script, with `$1` the directory, to run before sshd in a mount namespace with a private /etc. */
  readonly prepare?: string
}

const PRIVATE_ETC = `set -e
mkdir "$1/etc"; cp -a /etc/. "$1/etc"; mount --bind "$1/etc" /etc
mount -t tmpfs none /home; mkdir -p /run/sudo /var/lib/sudo
mount -t tmpfs none /run/sudo; mount -t tmpfs none /var/lib/sudo
`

export async function startSshd(settings: SshdSettings = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'fw-run-sshd-'))
  // sshd reads authorized_keys as the user who logs in.
  chmodSync(directory, 0o711)
  const types = settings.hostKeyTypes ?? ['ed25519']
  for (const type of types) generateKey(join(directory, `host_${type}`), type)
  const userKey = generateKey(join(directory, 'user'), 'ed25519')
  writeFileSync(join(directory, 'authorized_keys'), readFileSync(`${userKey}.pub`))
  const port = await freePort()
  const config = [
    ...(settings.config ?? []),
    `ListenAddress 127.0.0.1:${port}`,
    ...types.map((type) => `HostKey ${directory}/host_${type}`),
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PasswordAuthentication yes',
    '',
  ]
  writeFileSync(join(directory, 'sshd_config'), config.join('\n'))
  mkdirSync('/run/sshd', { recursive: true })
  const child = launch(directory, settings.prepare)
  await listening(port, child)
  return {
    port,
    directory,
    userKey,
    hostKey: (type) => publicKey(join(directory, `host_${type}`)),
    pid: () => child.pid ?? 0,
    log: () => readFileSync(logOf(directory), 'utf8'),
    stop() {
      child.kill('SIGTERM')
      // Until it ends it may begin its log anew.
      removeFolder(directory)
    },
  }
}

/** Makes a key pair and gives back its path. */
export function generateKey(
  path: string,
  type: string,
  passphrase = '',
  ...more: string[]
): string {
  // One round of bcrypt will do: opening a key in JavaScript takes a quarter of a second with the usual sixteen.
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-a', '1', '-f', path, ...more])
  return path
}

/** The `type base64` of a key file's public half. */
export function publicKey(path: string): string {
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim()
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

function launch(directory: string, prepare: string | undefined): ChildProcess {
  const sshd = [
    '/usr/sbin/sshd',
    '-D',
    '-E',
    logOf(directory),
    '-f',
    join(directory, 'sshd_config'),
  ]
  const script = `${PRIVATE_ETC}${prepare ?? ''}\nshift; exec "$@"`
  const command = prepare
    ? [
        'unshare',
        '--mount',
        '--propagation',
        'private',
        'sh',
        '-c',
        script,
        'sh',
        directory,
        ...sshd,
      ]
    : sshd
  const [program = '', ...words] = command
  return spawn(program, words, { stdio: 'ignore' })
}

function logOf(directory: string): string {
  return join(directory, 'log')
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 4000; tries++) {
    if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = dial(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('sshd does not listen')
}
