import type { GuardKind } from '../../../src/agent/agent.ts'
import { makeRandom, type Random } from '../../random.ts'
import type { HostSpec } from '../spec.ts'
import type { Configuration } from './trial.ts'

/** The hosts of one group of trials: from one to four, no two need to be alike. el7 has no nft. */
export function drawConfiguration(seed: number, group: number, guard: GuardKind): Configuration {
  const random = makeRandom(Math.imul(seed, 7919) + group)
  const hosts = random.pick([1, 2, 2, 3, 3, 4])
  return Array.from({ length: hosts }, () => {
    const host = drawHost(random)
    return guard === 'nft' ? { ...host, flavour: 'debian' } : host
  })
}

function drawHost(random: Random): HostSpec {
  return {
    flavour: random.chance(0.3) ? 'el7' : 'debian',
    sh: random.pick(['dash', 'bash', 'busybox']),
    login: random.pick(['sudo', 'sudo', 'sudo-password', 'root']),
    shell: random.pick(['/bin/bash', '/bin/bash', '/usr/bin/fish', '/usr/bin/tcsh']),
    usePty: random.chance(0.5),
    noisy: random.chance(0.3),
  }
}
