import type { ForwardIntent } from '../../src/guard/intent.ts'
import { intent } from '../plan/host-state.ts'
import type { Random } from '../random.ts'

/** A host whose rules, and whose set and routes as well, may be random. */
export interface RandomHost {
  readonly text: string
  readonly wanted: ForwardIntent
}

const route = { kind: 'unicast', via: undefined, source: undefined } as const

const bareBlocks = ['10.42.2.0/24', '10.42.3.16/28', '10.42.3.0/24', '10.42.8.8/31'] as const

/** A host to which pods come bare: by routes of its own, or by the default route only. Some of them are in the set. */
export function hostWithBarePods(random: Random): RandomHost {
  const blocks = random.chance(0.7) ? random.some(bareBlocks, 3) : []
  const bare = blocks.map((cidr) => ({ ...route, cidr, via: '192.0.2.12', device: 'ens18' }))
  const routes = [
    { ...route, cidr: '192.0.2.0/24', device: 'ens18' },
    { ...route, cidr: '0.0.0.0/0', via: '192.0.2.1', device: 'ens18' },
    { ...route, cidr: '10.42.1.0/24', device: 'cali2' },
    ...bare,
  ]
  const some = Array.from({ length: 1 + random.below(3) }, () => barePod(random))
  // The very addresses that samples like to take.
  const liked = random.some(['10.42.2.10', '10.42.3.10', '10.42.3.26', '10.42.8.9', '10.42.0.1'], 4)
  const members = [...intent.members, ...(random.chance(0.5) ? some : []), ...liked]
  const accept = (): string => {
    const address = random.pick([`${barePod(random)}/32`, ...bareBlocks, '10.42.0.0/16'])
    return `-A FORWARD ${random.chance(0.2) ? '! ' : ''}-s ${address} -j ${random.pick(['ACCEPT', 'DROP'])}`
  }
  const own = Array.from({ length: random.below(4) }, accept).join('\n')
  const text = `*filter\n:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
${own}${random.chance(0.4) ? '\n-A FORWARD -s 10.42.0.0/16 -j ACCEPT' : ''}
-A FORWARD -d 10.42.0.0/16 -j ACCEPT\nCOMMIT`
  return { text, wanted: { ...intent, members, network: { ...intent.network, routes } } }
}

/** An address in one of the blocks. */
export function barePod(random: Random): string {
  return random.pick([
    `10.42.${random.pick([2, 3])}.${random.below(256)}`,
    `10.42.8.${8 + random.below(2)}`,
  ])
}
