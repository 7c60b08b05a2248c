import { parseNetwork } from '../../ip/ipv4-ranges.ts'
import type { Packet } from '../packet.ts'
import { and, type Ternary } from '../ternary.ts'
import { networkTest } from '../walking/packet-address.ts'
import { portMember } from './set-port.ts'

/** What one part of a member holds. */
export type Part = 'address' | 'network' | 'port' | 'number'

/** One member of a set. */
export interface Member {
  /** Its first part, with the mask of the set. */
  readonly first: string
  /** The length of its prefix, 32 without one. */
  readonly length: number
  /** It is an exception in a larger network: `nomatch`. */
  readonly excluded: boolean
  /** It may time out. */
  readonly fleeting: boolean
  /** Whether a packet is this member, by its `src` or `dst` for each part. */
  test(packet: Packet, sides: readonly string[]): Ternary
}

/** Reads a member such as `10.0.0.0/8,tcp:80 nomatch`. `mask`: the bits of each address that the set keeps. */
export function readMember(
  text: string,
  parts: readonly Part[],
  mask: string | undefined,
  fleeting: boolean,
): Member {
  const [element = '', ...flags] = text.split(' ')
  const split = element.split(',')
  const words = parts.map((part, at) => withMask(part, split[at] ?? '', mask))
  const tests = parts.map((part, at) => readPart(part, words[at] ?? ''))
  const [only] = tests
  return {
    first: words[0] ?? '',
    length: parseNetwork(words[parts.indexOf('network')] ?? '')?.length ?? 32,
    excluded: flags.includes('nomatch'),
    fleeting,
    test:
      only && tests.length === 1
        ? (packet, [side]) => only(packet, side)
        : (packet, sides) => and(...tests.map((test, at) => test(packet, sides[at]))),
  }
}

/** Since Linux 6.2 the mask of a set need not be a prefix. */
function withMask(part: Part, word: string, mask: string | undefined): string {
  if (part !== 'address' || mask === undefined) return word
  const slash = word.indexOf('/')
  return `${slash < 0 ? word : word.slice(0, slash)}/${mask}`
}

function readPart(part: Part, word: string): (packet: Packet, side: string | undefined) => Ternary {
  if (part === 'port' || part === 'number') return portMember(word)
  const test = networkTest(word)
  return (packet, side) => test(side === 'src' ? packet.source : packet.destination)
}
