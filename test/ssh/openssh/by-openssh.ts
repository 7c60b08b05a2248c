import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostAccess, OpensshWay } from '../../../src/ssh/host-access.ts'
import { createPrivatePlace } from '../../../src/ssh/private-place.ts'
import { accessAt } from '../host-access.ts'
import type { Sshd } from '../sshd.ts'

/** The ssh binary's way to a test sshd as root, with the key that it accepts, and a known_hosts of these lines. */
export function byOpenssh(
  sshd: Sshd,
  more: Partial<HostAccess> = {},
  way: Partial<OpensshWay> = {},
  known: readonly string[] = [`[127.0.0.1]:${sshd.port} ${sshd.hostKey('ed25519')}`],
): HostAccess & { readonly openssh: OpensshWay } {
  const file = join(sshd.directory, `known_hosts${count++}`)
  writeFileSync(file, known.map((line) => `${line}\n`).join(''))
  const { words = [], ...rest } = way
  return {
    ...accessAt(sshd.port, more),
    openssh: {
      words: [
        ...['-F', 'none', '-o', `UserKnownHostsFile=${file}`, '-o', 'GlobalKnownHostsFile=none'],
        ...['-p', String(more.port ?? sshd.port), '-l', more.user ?? 'root', ...words],
      ],
      destination: '127.0.0.1',
      keyFile: sshd.userKey,
      passphrases: new Map(),
      proxyCommand: undefined,
      place: createPrivatePlace(),
      ...rest,
    },
  }
}

let count = 0
