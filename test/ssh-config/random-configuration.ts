import { makeRandom } from '../random.ts'
import { names } from './configurations.ts'

/** Others in the long run, so that a run of all tests does not end by chance. */
const random = makeRandom(process.env.TEST_LONG ? Date.now() : 1)

/** A configuration of blocks, conditions and values in random order. */
export function randomConfiguration(): string {
  const lines: string[] = repeat(draw(2), line)
  for (let blocks = 1 + draw(5); blocks > 0; blocks--) {
    lines.push(condition(), ...repeat(1 + draw(3), line))
  }
  return `${lines.join('\n')}\n`
}

function condition(): string {
  switch (draw(7)) {
    case 0:
      return 'Host *'
    case 1:
      return `Match originalhost ${patterns(',')}`
    case 2:
      return `Match host ${patterns(',')}`
    case 3:
      return `Match user ${one(['ops', 'root', 'a*'])}`
    default:
      return `Host ${patterns(' ')}`
  }
}

function patterns(separator: string): string {
  return repeat(1 + draw(3), () => {
    const name = one([...names, 'node*', '*.lan', 'web?', '10.*', '*'])
    return draw(5) === 0 ? `!${name}` : name
  }).join(separator)
}

function line(): string {
  return `  ${one([
    `User ${one(['ops', 'admin'])}`,
    `Port ${one(['22', '2222'])}`,
    `HostName ${one(['%h.lan', '10.0.0.1', 'DB1.example', '%h'])}`,
    `IdentityFile ${one(['~/.ssh/a', '/keys/%n', '/keys/%h.%r'])}`,
    `ProxyJump ${one(['bastion', 'none', 'a,b', 'gate-%h'])}`,
    `HostKeyAlias ${one(['x', 'y'])}`,
    'StrictHostKeyChecking accept-new',
    'UserKnownHostsFile /known',
    'IdentitiesOnly yes',
    'Ciphers aes256-ctr',
  ])}`
}

function repeat<T>(times: number, make: () => T): T[] {
  return Array.from({ length: times }, make)
}

function one<T>(values: readonly T[]): T {
  return values[draw(values.length)] as T
}

function draw(below: number): number {
  return random.below(below)
}
