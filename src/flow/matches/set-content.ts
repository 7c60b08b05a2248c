import { networkTest, parseRange, type Range } from '../../ip/ranges.ts'
import type { IpSet } from '../../ipset/sets.ts'
import { and, type Ternary } from '../../ternary.ts'
import type { Packet } from '../packet.ts'
import { portMember } from './set-port.ts'

/** One member of a set. `length` is its prefix length; `excluded` if it is `nomatch`, `fleeting` if it may time out. */
export interface Member {
  readonly length: number
  readonly excluded: boolean
  readonly fleeting: boolean
  /** Whether a packet is this member, by its `src` or `dst` for each dimension. */
  test(packet: Packet, sides: readonly string[]): Ternary
}

/** A set that we can look into. */
export interface Content {
  readonly dimensions: number
  readonly members: readonly Member[]
}

const contents = new WeakMap<IpSet, Content | { readonly members: undefined }>()

/** The members of a set, read once; undefined for a type that we do not know. */
export function contentOf(set: IpSet): Content | undefined {
  let content = contents.get(set)
  if (!content) {
    content = readContent(set) ?? { members: undefined }
    contents.set(set, content)
  }
  return content.members ? content : undefined
}

type PartKind = 'address' | 'network' | 'port' | 'number'
type Part = (packet: Packet, side: string | undefined) => Ternary

function readContent(set: IpSet): Content | undefined {
  const kinds = parts.get(set.type)
  if (!kinds || optionOf(set, 'family') === 'inet6') return undefined
  const mask = maskOf(set)
  const fleeting = set.options.includes('timeout')
  const members = set.members.map((text): Member => {
    const [element = '', ...flags] = text.split(' ')
    const words = element.split(',')
    const tests = kinds.map((kind, at) => readPart(kind, words[at] ?? '', mask))
    return {
      length: lengthOf(words, kinds),
      excluded: flags.includes('nomatch'),
      fleeting,
      test: (packet, sides) => and(...tests.map((test, at) => test(packet, sides[at]))),
    }
  })
  return { dimensions: kinds.length, members }
}

/** The types we know, with the parts of their members. At most one is a network, so that the longest is the narrowest. */
const parts: ReadonlyMap<string, readonly PartKind[]> = new Map(
  Object.entries<readonly PartKind[]>({
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

function readPart(kind: string, word: string, mask: string | undefined): Part {
  if (kind === 'port' || kind === 'number') return portMember(word)
  const masked = kind === 'address' && mask !== undefined
  const test = networkTest(masked ? `${word.replace(/\/.*/, '')}/${mask}` : word)
  return (packet, side) => test(side === 'src' ? packet.source : packet.destination)
}

/** What a set keeps of each address: a prefix, or since Linux 6.2 bits in any shape. */
function maskOf(set: IpSet): string | undefined {
  return optionOf(set, 'bitmask') ?? optionOf(set, 'netmask')
}

function lengthOf(words: readonly string[], kinds: readonly string[]): number {
  const range: Range | undefined = parseRange(words[kinds.indexOf('network')] ?? '')
  return range ? 32 - Math.log2(range.last - range.first + 1) : 32
}

function optionOf(set: IpSet, name: string): string | undefined {
  const at = set.options.indexOf(name)
  return at < 0 ? undefined : set.options[at + 1]
}
