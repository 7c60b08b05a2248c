import { execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A real ssh-agent of the test's own, without keys at first. */
export interface SshAgent {
  readonly socket: string
  /** Gives it a key file; a locked one is unlocked by the passphrase. */
  add(file: string, passphrase?: string): void
  /** Gives it a key file with which it refuses to sign, because nobody confirms it. */
  addUnconfirmed(file: string): void
  /** Takes all its keys away. */
  empty(): void
  stop(): void
}

/** Starts one whose socket stands in that directory. */
export async function startSshAgent(directory: string): Promise<SshAgent> {
  const socket = join(directory, 'agent.sock')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: 'ignore',
    env: { ...process.env, SSH_ASKPASS: '/bin/false', SSH_ASKPASS_REQUIRE: 'force' },
  })
  while (!existsSync(socket)) await delay(20)
  const askpass = join(directory, 'askpass')
  const sshAdd = (words: readonly string[]): void => {
    const env = {
      ...process.env,
      SSH_AUTH_SOCK: socket,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
    }
    execFileSync('ssh-add', words, { env, stdio: 'pipe' })
  }
  return {
    socket,
    add(file, passphrase = '') {
      writeFileSync(askpass, `#!/bin/sh\necho ${passphrase}\n`, { mode: 0o700 })
      sshAdd(['-q', file])
    },
    addUnconfirmed: (file) => sshAdd(['-q', '-c', file]),
    empty: () => sshAdd(['-D']),
    stop: () => agent.kill(),
  }
}
