import type { Option, Target } from '../../iptables/rule.ts'
import { onceFor } from '../../memory/once-for.ts'
import {
  type Bits,
  either,
  masked,
  parseMark,
  parseMasked,
  sameBits,
  unknownBits,
  xor,
} from '../bits.ts'
import { hasConnection, type Packet } from '../packet.ts'

/** The packet after `-j MARK`; the same object if nothing changes. After an option that we do not know, no bit is known. */
export function markPacket(packet: Packet, { options }: Target): Packet {
  return withMarks(packet, { mark: changeOf(options)(packet.mark), connmark: packet.connmark })
}

/** The packet after `-j CONNMARK`, which does nothing if there is no connection. */
export function markConnection(packet: Packet, { options }: Target): Packet {
  const connection = hasConnection(packet)
  if (connection === 'no') return packet
  const { mark, connmark } = connectionMarks(packet, options)
  if (connection === 'yes') return withMarks(packet, { mark, connmark })
  return withMarks(packet, {
    mark: either(packet.mark, mark),
    connmark: either(packet.connmark, connmark),
  })
}

type Marks = Pick<Packet, 'mark' | 'connmark'>

function withMarks(packet: Packet, { mark, connmark }: Marks): Packet {
  const same = sameBits(packet.mark, mark) && sameBits(packet.connmark, connmark)
  return same ? packet : { ...packet, mark, connmark }
}

/** What a target makes of a mark. */
type Change = (mark: Bits) => Bits

/** Read once for each rule: thousands of packets come to it. */
const changeOf = onceFor(readChange)

/** Every option clears the bits of a mask, then sets bits by exclusive or (net/netfilter/xt_mark.c). */
function readChange(options: readonly Option[]): Change {
  const [option] = options
  const given = parseMasked(option?.values[0] ?? '')
  if (!option || !given || options.length !== 1) return () => unknownBits
  const { value, mask } = given
  const replacing =
    (cleared: number): Change =>
    (bits) =>
      xor(masked(bits, ~cleared), value)
  switch (option.name) {
    case 'set-xmark':
      return replacing(mask)
    case 'set-mark':
      return replacing(value | mask)
    case 'and-mark':
      return (bits) => masked(bits, value)
    case 'or-mark':
      return replacing(value)
    case 'xor-mark':
      return replacing(0)
    default:
      return () => unknownBits
  }
}

function connectionMarks({ mark, connmark }: Packet, options: readonly Option[]): Marks {
  const names = options.map(({ name }) => name)
  const maskOf = (name: string): number | undefined => {
    const option = options.find((one) => one.name === 'mask' || one.name === name)
    return option ? parseMark(option.values[0] ?? '') : 0xffffffff
  }
  const [nfmask, ctmask] = [maskOf('nfmask'), maskOf('ctmask')]
  const shifts = names.some((name) => name.endsWith('shift-mark'))
  if (shifts || nfmask === undefined || ctmask === undefined) {
    return { mark: unknownBits, connmark: unknownBits }
  }
  if (names.includes('save-mark')) {
    return { mark, connmark: xor(masked(connmark, ~ctmask), masked(mark, nfmask)) }
  }
  if (names.includes('restore-mark')) {
    return { mark: xor(masked(mark, ~nfmask), masked(connmark, ctmask)), connmark }
  }
  return { mark, connmark: changeOf(options)(connmark) }
}
