import { describe, expect, it } from 'vitest'
import { knownBits, unknownBits } from '../../../src/flow/bits.ts'
import { effectOf } from '../../../src/flow/effect.ts'
import { targetExtensions } from '../../../src/flow/targets/continuing-targets.ts'
import type { World } from '../../../src/flow/world.ts'
import { outsider, ruleOf, worldOf } from '../asked.ts'

/** The targets of iptables-extensions(8) of iptables 1.8.9 without those for IPv6 only, and the four of iptables(8). */
const manual =
  'AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DSCP ECN HMARK IDLETIMER LED LOG MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT REJECT SECMARK SET SNAT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG ACCEPT DROP QUEUE RETURN'

const world = worldOf('create s hash:ip family inet')
const unknown = (target: string): string | undefined => {
  const effect = effectOf(ruleOf(`-j ${target}`), outsider(), world)
  return effect.kind === 'unknown' && effect.verdict.kind === 'unknown'
    ? effect.verdict.reason
    : undefined
}

describe('targetExtensions', () => {
  it('lets no target of the manual be one that fw-run does not know', () => {
    const strange = manual.split(' ').filter((name) => unknown(name)?.startsWith('fw-run does not'))
    expect(strange).toEqual([])
  })

  it('names the targets that may end the walk or not, and why', () => {
    const reasons = manual.split(' ').flatMap((name) => unknown(name) ?? [])
    expect(reasons).toEqual([
      'the iptables target CLUSTERIP drops a packet if another machine must answer it',
      'NFQUEUE asks a program on the host',
      'SYNPROXY answers for the server, and lets later packets pass',
      'TPROXY gives the packet to a program on the host if one listens',
      'QUEUE asks a program on the host',
    ])
    expect(unknown('TARPIT')).toBe('fw-run does not know what TARPIT does')
    expect(unknown('constructor')).toBe('fw-run does not know what constructor does')
  })

  it.each([...targetExtensions].filter(([, { kind }]) => kind === 'pass').map(([name]) => name))(
    'goes on with the same packet behind %s',
    (name) => {
      const packet = outsider()
      expect(effectOf(ruleOf(`-j ${name}`), packet, world)).toEqual({
        kind: 'continue',
        packet,
        world,
      })
    },
  )
})

describe('effectOf', () => {
  it.each([
    ['-j HMARK --hmark-tuple src --hmark-mod 8', { mark: unknownBits }],
    ['-j SET --map-set s src --map-mark', { mark: unknownBits }],
    ['-j MARK --set-xmark 0x1/0xffffffff', { mark: knownBits(1) }],
    ['-j CONNMARK --set-xmark 0x1/0xffffffff', { connmark: knownBits(1) }],
  ])('changes a packet by %s', (target, changed) => {
    const effect = effectOf(ruleOf(target), outsider(), world)
    expect(effect).toMatchObject({ kind: 'continue', packet: changed })
  })

  it('forgets a set that it changes, and keeps the world where it changes none', () => {
    const worldBehind = (target: string): World | undefined => {
      const effect = effectOf(ruleOf(target), outsider(), world)
      return effect.kind === 'continue' ? effect.world : undefined
    }
    expect(worldBehind('-j SET --add-set s src')?.sets.has('s')).toBe(false)
    expect(worldBehind('-j SET --add-set other src')).toBe(world)
    expect(worldBehind('-j SET --map-set s src --map-mark')).toBe(world)
  })

  it('goes on behind a rule without a target', () => {
    expect(effectOf(ruleOf('-p tcp'), outsider(), world).kind).toBe('continue')
  })
})
