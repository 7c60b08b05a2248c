import { parseAddress } from '../../../src/ip/ipv4.ts'

/** What an IPv4 packet carries. A quoted datagram makes an ICMP error of it. */
export type Payload =
  | {
      readonly kind: 'tcp'
      readonly ports: Ports
      readonly flags: readonly string[]
      readonly seq: number
      readonly ack: number
    }
  | { readonly kind: 'udp' | 'udplite' | 'sctp'; readonly ports: Ports }
  | {
      readonly kind: 'icmp'
      readonly type: number
      readonly code: number
      readonly id: number
      readonly quoted?: Datagram
    }
  | { readonly kind: 'esp' }

type Ports = readonly [source: number, destination: number]

/** An IPv4 packet to be put on the wire. `spoiled` breaks its transport checksum. */
export interface Datagram {
  readonly source: string
  readonly destination: string
  readonly tos: number
  readonly payload: Payload
  readonly spoiled?: boolean
}

/** The numbers of the protocols that a datagram can carry. */
const protocolOf: Readonly<Record<Payload['kind'], number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  esp: 50,
  sctp: 132,
  udplite: 136,
}

/** The hardware addresses of a frame. */
export interface Link {
  readonly from: string
  readonly to: string
}

/** An Ethernet frame with the datagram in it, filled up so that the IPv4 packet has `length` bytes. */
export function frameOf({ from, to }: Link, datagram: Datagram, length: number): Buffer {
  const header = Buffer.from(`${to}:${from}:08:00`.replaceAll(':', ''), 'hex')
  return Buffer.concat([header, ipv4(datagram, length)])
}

/** What a capture begins with: pcap 2.4, Ethernet. */
export const captureHead = Buffer.from('d4c3b2a1020004000000000000000000ffff040001000000', 'hex')

/** Frames as records of a capture. */
export function captured(frames: readonly Buffer[]): Buffer {
  const records = frames.flatMap((frame) => {
    const record = Buffer.alloc(16)
    record.writeUInt32LE(frame.length, 8)
    record.writeUInt32LE(frame.length, 12)
    return [record, frame]
  })
  return Buffer.concat(records)
}

function ipv4(datagram: Datagram, length: number): Buffer {
  const { source, destination, tos, payload } = datagram
  const packet = Buffer.alloc(length)
  packet.writeUInt8(0x45, 0)
  packet.writeUInt8(tos, 1)
  packet.writeUInt16BE(length, 2)
  packet.writeUInt8(64, 8)
  packet.writeUInt8(protocolOf[payload.kind], 9)
  packet.writeUInt32BE(parseAddress(source) ?? 0, 12)
  packet.writeUInt32BE(parseAddress(destination) ?? 0, 16)
  packet.writeUInt16BE(sum(packet.subarray(0, 20)), 10)
  const body = packet.subarray(20)
  fill(body, payload)
  const at = { tcp: 16, udp: 6, udplite: 6, icmp: 2, esp: undefined, sctp: undefined }[payload.kind]
  if (at !== undefined) {
    const pseudo = Buffer.alloc(12)
    packet.copy(pseudo, 0, 12, 20)
    pseudo.writeUInt16BE(protocolOf[payload.kind], 8)
    pseudo.writeUInt16BE(body.length, 10)
    const right = sum(payload.kind === 'icmp' ? body : Buffer.concat([pseudo, body]))
    body.writeUInt16BE(datagram.spoiled ? right ^ 0x5555 || 1 : right || 0xffff, at)
  }
  return packet
}

function fill(body: Buffer, payload: Payload): void {
  switch (payload.kind) {
    case 'tcp':
      writePorts(body, payload.ports)
      body.writeUInt32BE(payload.seq, 4)
      body.writeUInt32BE(payload.ack, 8)
      body.writeUInt8(0x50, 12)
      body.writeUInt8(flagBits(payload.flags), 13)
      body.writeUInt16BE(0xffff, 14)
      return
    case 'udp':
      writePorts(body, payload.ports)
      body.writeUInt16BE(body.length, 4)
      return
    case 'udplite':
      // A coverage of zero: the checksum is of all.
      writePorts(body, payload.ports)
      return
    case 'sctp':
      writePorts(body, payload.ports)
      // One DATA chunk that fills the packet.
      body.writeUInt16BE(body.length - 12, 14)
      return
    case 'icmp':
      body.writeUInt8(payload.type, 0)
      body.writeUInt8(payload.code, 1)
      if (payload.quoted) ipv4(payload.quoted, 64).copy(body, 8)
      else body.writeUInt16BE(payload.id, 4)
      return
    case 'esp':
      body.writeUInt32BE(0x1000, 0)
  }
}

function writePorts(body: Buffer, [source, destination]: Ports): void {
  body.writeUInt16BE(source, 0)
  body.writeUInt16BE(destination, 2)
}

function flagBits(flags: readonly string[]): number {
  const order = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']
  return flags.reduce((bits, flag) => bits | (1 << order.indexOf(flag)), 0)
}

function sum(bytes: Buffer): number {
  let total = 0
  for (let i = 0; i < bytes.length; i += 2) {
    total += i + 1 < bytes.length ? bytes.readUInt16BE(i) : bytes.readUInt8(i) << 8
  }
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000)
  return ~total & 0xffff
}
