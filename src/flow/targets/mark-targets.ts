import type { Option, Target } from '../../iptables/rule.ts'
import { type Bits, either, knownBits, masked, parseMasked, unknownBits, xor } from '../bits.ts'
import { hasConnection, type Packet } from '../packet.ts'

/** The packet after `-j MARK`. Bits that we do not know how to set become unknown. */
export function markPacket(packet: Packet, { options }: Target): Packet {
  return { ...packet, mark: setBits(packet.mark, options) }
}

/** The packet after `-j CONNMARK`, which does nothing where there is no connection. */
export function markConnection(packet: Packet, target: Target): Packet {
  const connection = hasConnection(packet)
  if (connection === 'no') return packet
  const changed = { ...packet, ...connectionMarks(packet, target.options) }
  if (connection === 'yes') return changed
  return {
    ...packet,
    mark: either(packet.mark, changed.mark),
    connmark: either(packet.connmark, changed.connmark),
  }
}

function setBits(mark: Bits, options: readonly Option[]): Bits {
  const [option] = options
  const given = parseMasked(option?.values[0] ?? 'none')
  if (!option || !given || options.length !== 1) return unknownBits
  const { value, mask } = given
  switch (option.name) {
    case 'set-xmark':
      return replaced(mark, value, mask)
    case 'set-mark':
      return replaced(mark, value, value | mask)
    case 'and-mark':
      return masked(mark, value)
    case 'or-mark':
      return replaced(mark, value, value)
    case 'xor-mark':
      return xor(mark, knownBits(value))
    default:
      return unknownBits
  }
}

function connectionMarks(
  { mark, connmark }: Packet,
  options: readonly Option[],
): Pick<Packet, 'mark' | 'connmark'> {
  const names = options.map(({ name }) => name)
  const number = (name: string): number =>
    Number(options.find((option) => option.name === name)?.values[0] ?? 0xffffffff)
  const both = number('mask')
  const nfmask = names.includes('mask') ? both : number('nfmask')
  const ctmask = names.includes('mask') ? both : number('ctmask')
  if (names.some((name) => name.endsWith('shift-mark'))) {
    return { mark: unknownBits, connmark: unknownBits }
  }
  if (names.includes('save-mark')) {
    return { mark, connmark: xor(masked(connmark, ~ctmask), masked(mark, nfmask)) }
  }
  if (names.includes('restore-mark')) {
    return { mark: xor(masked(mark, ~nfmask), masked(connmark, ctmask)), connmark }
  }
  return { mark, connmark: setBits(connmark, options) }
}

/** What the kernel does for all of them: clear the bits of the mask, then exclusive or (net/netfilter/xt_mark.c). */
function replaced(mark: Bits, value: number, mask: number): Bits {
  return xor(masked(mark, ~mask), knownBits(value))
}
