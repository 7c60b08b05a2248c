import type { Random } from '../../random.ts'
import { clients, interfaces, ports, servers } from './landscape.ts'

/** A set as `ipset restore` takes it: its name, how many sides a rule asks it for, and the lines that make it. */
export interface RandomSet {
  readonly name: string
  readonly dimensions: number
  readonly lines: readonly string[]
}

/** Makes one set of each kind that the walk claims to know, and lists of some of them. */
export function randomSets(random: Random): readonly RandomSet[] {
  const sets = kinds.map(({ type, dimensions, member, options }, at): RandomSet => {
    const name = `s${at}`
    const members = Array.from({ length: random.below(7) }, () => member(random))
    const nomatch =
      type.includes('net') && !options?.includes('timeout')
        ? (): string => (random.chance(0.25) ? ' nomatch' : '')
        : () => ''
    return {
      name,
      dimensions,
      lines: [
        `create ${name} ${type} ${options ?? ''}`,
        ...members.map((one) => `add ${name} ${one}${nomatch()}`),
      ],
    }
  })
  const inside = sets.filter(() => random.chance(0.25))
  const list = {
    name: 'list',
    dimensions: random.pick([1, 2]),
    lines: ['create list list:set', ...inside.map(({ name }) => `add list ${name}`)],
  }
  return [...sets, list]
}

const kinds: readonly {
  type: string
  dimensions: number
  options?: string
  member(random: Random): string
}[] = [
  { type: 'hash:ip', dimensions: 1, member: address },
  { type: 'hash:ip', dimensions: 1, options: 'netmask 24 comment', member: address },
  { type: 'hash:net', dimensions: 1, options: 'counters', member: network },
  { type: 'hash:net', dimensions: 1, member: network },
  {
    type: 'bitmap:ip',
    dimensions: 1,
    options: 'range 10.3.9.0/24',
    member: (random) => `10.3.9.${random.pick([1, 2, 77])}`,
  },
  {
    type: 'bitmap:ip',
    dimensions: 1,
    options: 'range 10.0.0.0/13 netmask 24',
    member: (random) => `${random.pick(interfaces).network}.${random.pick([0, 7, 8, 9])}.0`,
  },
  { type: 'hash:ip', dimensions: 1, options: 'bitmask 255.253.3.1', member: address },
  // A member that may time out makes doubt, so that no packet is one here but as an exception.
  { type: 'hash:ip', dimensions: 1, options: 'timeout 3600', member: nobody },
  {
    type: 'hash:net',
    dimensions: 1,
    options: 'timeout 3600',
    member: (random) => (random.chance(0.5) ? `${network(random)} nomatch` : nobody(random)),
  },
  {
    type: 'hash:ip,port',
    dimensions: 2,
    options: 'timeout 3600',
    member: (random) => `${nobody(random)},${port(random)}`,
  },
  {
    type: 'hash:ip,port',
    dimensions: 2,
    options: 'netmask 24',
    member: (random) => `${address(random)},${port(random)}`,
  },
  {
    type: 'hash:ip,port',
    dimensions: 2,
    options: 'bitmask 255.252.0.3',
    member: (random) => `${address(random)},${port(random)}`,
  },
  {
    type: 'bitmap:port',
    dimensions: 1,
    options: 'range 0-65535',
    member: (random) => `${random.pick(ports)}`,
  },
  { type: 'hash:ip,port', dimensions: 2, member: (random) => `${address(random)},${port(random)}` },
  {
    type: 'hash:net,port',
    dimensions: 2,
    member: (random) => `${network(random)},${port(random)}`,
  },
  {
    type: 'hash:ip,port,ip',
    dimensions: 3,
    member: (random) => `${address(random)},${port(random)},${address(random)}`,
  },
  {
    type: 'hash:ip,port,net',
    dimensions: 3,
    member: (random) => `${address(random)},${port(random)},${network(random)}`,
  },
]

/** An address that packets have. */
export function address(random: Random): string {
  return random.pick([
    random.pick(clients),
    random.pick(servers),
    '10.3.9.200',
    `${random.pick(interfaces).network}.0.1`,
  ])
}

/** An address that no packet has. */
function nobody(random: Random): string {
  return `10.77.0.${random.below(4)}`
}

/** A network around such an address. */
export function network(random: Random): string {
  const length = random.pick([8, 15, 16, 24, 25, 28, 31, 32, 1 + random.below(32)])
  return `${address(random)}/${length}`
}

function port(random: Random): string {
  const icmp = random.pick(['icmp:8/0', 'icmp:0/0', 'icmp:3/1', 'icmp:11/0', 'icmp:ping'])
  return random.pick([
    `tcp:${random.pick(ports)}`,
    `udp:${random.pick(ports)}`,
    `sctp:${random.pick(ports)}`,
    `udplite:${random.pick(ports)}`,
    icmp,
  ])
}
