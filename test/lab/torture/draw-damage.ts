import type { GuardKind } from '../../../src/agent/agent.ts'
import type { Random } from '../../random.ts'
import type { Damage } from './trial.ts'

/** Draws what is broken, on one host or on some of so many. */
export function drawDamage(random: Random, hosts: number, guard: GuardKind): Damage {
  const all = Array.from({ length: hosts }, (_, at) => at)
  const one = (): readonly number[] => [random.below(hosts)]
  const some = (): readonly number[] =>
    random.chance(0.5) ? one() : random.chance(0.5) ? all : one()
  const kind = random.pick([
    ...(['runner-killed', 'runner-killed', 'runner-killed', 'runner-killed'] as const),
    ...(['interrupted', 'interrupted', 'reset', 'reset', 'cut', 'cut'] as const),
    ...(['runner-stopped', 'sshd-killed', 'agent-killed', 'session-killed'] as const),
    ...(['watchdog-killed', 'both-killed', 'run-full', 'xtables-lock', 'second-runner'] as const),
    ...(guard === 'forward' ? [] : (['guard-flushed', 'guard-flushed', 'guard-flushed'] as const)),
  ])
  switch (kind) {
    case 'runner-killed':
      return { kind }
    case 'runner-stopped':
      return { kind, beyondLease: [1, 2, 4, 9][random.below(4)] ?? 1 }
    case 'interrupted':
      return { kind, twice: random.chance(0.2) }
    case 'cut':
      return { kind, hosts: some(), seconds: random.pick([1, 3, 8, 'for good'] as const) }
    case 'xtables-lock':
      return { kind, hosts: one(), seconds: random.pick([1, 3, 7, 12] as const) }
    case 'second-runner':
      return { kind, command: random.pick(['apply', 'remove']) }
    case 'guard-flushed':
      return { kind, guard: guard === 'nft' ? 'nft' : 'mangle', hosts: some() }
    default:
      return { kind, hosts: some() }
  }
}
