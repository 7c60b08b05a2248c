import { parseNetwork } from '../../ip/ipv4-ranges.ts'
import type { IpSet } from '../../ipset/sets.ts'
import type { Packet } from '../packet.ts'
import { rangeOf } from '../walking/packet-address.ts'
import { type Member, type Part, readMember } from './set-member.ts'

/** The members of a set whose type we know. */
export interface Content {
  readonly dimensions: number
  /** The members that a packet may be, by its `src` or `dst` for each part. It is surely none of the others. */
  candidates(packet: Packet, sides: readonly string[]): readonly Member[]
}

const contents = new WeakMap<IpSet, Content | 'unknown'>()

/** The members of a set, read once; undefined for a type that we do not know. */
export function contentOf(set: IpSet): Content | undefined {
  let content = contents.get(set)
  if (!content) {
    content = readContent(set) ?? 'unknown'
    contents.set(set, content)
  }
  return content === 'unknown' ? undefined : content
}

/** The types we know, with the parts of their members. Only one part is a network, so its length alone says which is narrower. */
const types: ReadonlyMap<string, readonly Part[]> = new Map(
  Object.entries<readonly Part[]>({
    'hash:ip': ['address'],
    'hash:net': ['network'],
    'hash:ip,port': ['address', 'port'],
    'hash:net,port': ['network', 'port'],
    'hash:ip,port,ip': ['address', 'port', 'address'],
    'hash:ip,port,net': ['address', 'port', 'network'],
    'bitmap:ip': ['address'],
    'bitmap:port': ['number'],
  }),
)

function readContent(set: IpSet): Content | undefined {
  const parts = types.get(set.type)
  if (!parts || optionOf(set, 'family') === 'inet6') return undefined
  const mask = optionOf(set, 'bitmask') ?? optionOf(set, 'netmask')
  const fleeting = set.options.includes('timeout')
  const members = set.members.map((text) => readMember(text, parts, mask, fleeting))
  const ofAddress = parts[0] === 'number' ? () => members : byAddress(members)
  return {
    dimensions: parts.length,
    candidates: (packet, [side]) => ofAddress(side === 'src' ? packet.source : packet.destination),
  }
}

/** Finds the members whose first part may hold an address, without asking all of tens of thousands. */
function byAddress(members: readonly Member[]): (address: string | undefined) => readonly Member[] {
  const sizes = new Map<number, Map<number, Member[]>>()
  const others: Member[] = []
  for (const member of members) {
    const network = parseNetwork(member.first)
    if (!network) {
      others.push(member)
      continue
    }
    const size = network.last - network.first + 1
    const alike = sizes.get(size) ?? new Map<number, Member[]>()
    sizes.set(size, alike)
    const same = alike.get(network.first)
    if (same) same.push(member)
    else alike.set(network.first, [member])
  }
  return (address) => {
    const some = rangeOf(address)
    if (!some || some.first !== some.last) return members
    const found = [...others]
    for (const [size, alike] of sizes) {
      for (const member of alike.get(some.first - (some.first % size)) ?? []) found.push(member)
    }
    return found
  }
}

function optionOf(set: IpSet, name: string): string | undefined {
  const at = set.options.indexOf(name)
  return at < 0 ? undefined : set.options[at + 1]
}
