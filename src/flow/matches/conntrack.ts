import type { Option } from '../../iptables/rule.ts'
import { hasConnection, type Packet } from '../packet.ts'
import { and, known, someOf, type Ternary } from '../ternary.ts'
import { readPeer } from './connection-peer.ts'
import { everyOption, type Predicate, unknowable } from './predicate.ts'

/**
 * Reads the options of `-m conntrack`. For a packet without a connection the kernel looks only at `--ctstate`. If the rule has
 * none, it does not match, negated or not; if it has, its other options do not count (net/netfilter/xt_conntrack.c).
 */
export function readConntrack(options: readonly Option[]): Predicate {
  const states = options.filter(({ name }) => name === 'ctstate')
  const state = readState(states)
  const others = everyOption(
    options.filter(({ name }) => name !== 'ctstate'),
    readOther,
  )
  return (packet, world) => {
    const connection = hasConnection(packet)
    const without = states.length === 0 ? 'no' : state(packet, world)
    if (connection === 'no') return without
    const whole = and(state(packet, world), others(packet, world))
    return connection === 'yes' || whole === without ? whole : 'maybe'
  }
}

/** Reads `--state` of the old `-m state`, or `--ctstate`. */
export function readState(options: readonly Option[]): Predicate {
  return everyOption(options, ({ name, values: [list = ''] }) => {
    if (name !== 'state' && name !== 'ctstate') return undefined
    const wanted = list.split(',')
    if (!wanted.every((one) => states.has(one)) || wanted.length > states.size) return undefined
    return (packet) => someOf(wanted, (state) => isIn(packet, state))
  })
}

const states: ReadonlySet<string> = new Set([
  ...['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'],
  ...['SNAT', 'DNAT'],
])

/** A packet has one of five states. It may be in the states SNAT and DNAT as well. */
function isIn(packet: Packet, state: string): Ternary {
  if (state !== 'SNAT' && state !== 'DNAT') {
    return packet.state === undefined ? 'maybe' : known(packet.state === state)
  }
  const translated = state === 'SNAT' ? packet.snat : packet.dnat
  return and(hasConnection(packet), translated === undefined ? 'maybe' : known(translated))
}

function readOther(option: Option): Predicate | undefined {
  const [value = ''] = option.values
  if (option.name === 'ctdir') return ({ direction, state }) => isDirection(direction, state, value)
  if (option.name === 'ctstatus') return readStatus(value)
  return readPeer(option.name, value)
}

function isDirection(
  direction: Packet['direction'],
  state: Packet['state'],
  wanted: string,
): Ternary {
  const actual = direction ?? (state === 'NEW' ? 'ORIGINAL' : undefined)
  return actual === undefined ? 'maybe' : known(actual === wanted)
}

function readStatus(list: string): Predicate {
  if (list === 'NONE') return () => 'no'
  if (list !== 'SEEN_REPLY') return unknowable
  return ({ state }) =>
    state === 'NEW' || state === 'ESTABLISHED' ? known(state === 'ESTABLISHED') : 'maybe'
}
