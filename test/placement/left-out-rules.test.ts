import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readLeftOut } from '../../src/facts/sections/left-out.ts'
import type { HostState } from '../../src/facts/state.ts'
import type { ForwardIntent } from '../../src/guard/intent.ts'
import { parseRuleset } from '../../src/iptables/ruleset.ts'
import { maxServices } from '../../src/limits.ts'
import { mayMeetLeftOut } from '../../src/placement/left-out-rules.ts'
import { lostOutboundAccess } from '../../src/placement/lost-outbound-access.ts'
import { lostPublishedPorts } from '../../src/placement/lost-published-ports.ts'
import { findPosition } from '../../src/placement/placement.ts'
import { reachableClusterIp } from '../../src/placement/reachable-cluster-ip.ts'
import { podStop } from '../../src/placement/stopped-pods.ts'
import { unguardedInterfaces } from '../../src/placement/unguarded-interfaces.ts'
import { answerOf } from '../facts/answer-of.ts'
import { intent } from '../plan/host-state.ts'
import { makeRandom } from '../random.ts'
import { long } from '../rounds.ts'
import { cases } from './cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'fw-run-left-out-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'iptables-save'), `#!/bin/sh\nexec cat ${folder}/rules\n`)
chmodSync(join(folder, 'iptables-save'), 0o755)

function part(name: string): string {
  return readFileSync(
    new URL(`../../src/agent/program/reading/${name}.sh`, import.meta.url),
    'utf8',
  )
}

/** What the agent reads of rules, on a host whose iptables-save prints these. */
const program = [
  `set -f; guard=forward guard_chain=FW-RUN only= example_services=${maxServices} nl='`,
  `'`,
  part('which-guard'),
  part('rules')
    // The tables of the machine that tests are not those of the case.
    .replace('"/proc/net/ip_tables_names"', '"/dev/null"'),
  'few_rules',
].join('\n')

function fewOf(rules: string): string {
  writeFileSync(join(folder, 'rules'), rules)
  const env = { PATH: `${folder}:${process.env.PATH}`, LC_ALL: 'C' }
  return execFileSync('sh', ['-c', program], { env, encoding: 'utf8', maxBuffer: 2 ** 26 })
}

const services = maxServices + 50

/** A table with more chains and rules. Each of `wanted` comes in where it is not there. */
function extended(
  text: string,
  name: string,
  wanted: readonly string[],
  lines: readonly string[],
): string {
  const whole = text.includes(`*${name}\n`) ? text : `${text.trimEnd()}\n*${name}\nCOMMIT\n`
  return whole.replace(new RegExp(`^\\*${name}\\n([^]*?)^COMMIT$`, 'm'), (_, inside: string) => {
    const known = inside.split('\n').filter(Boolean)
    const names = new Set(known.map((line) => line.split(' ')[0]))
    const missing = wanted.filter((line) =>
      line.startsWith(':') ? !names.has(line.split(' ')[0]) : !known.includes(line),
    )
    const all = [...known, ...missing, ...lines]
    const chains = all.filter((line) => line.startsWith(':'))
    return [`*${name}`, ...chains, ...all.filter((line) => !chains.includes(line)), 'COMMIT'].join(
      '\n',
    )
  })
}

/** The rules of a case on a node with many services, as `iptables-save -c` prints them. */
function withServices(rules: string, seed: number): string {
  const random = makeRandom(seed)
  const addresses = Array.from({ length: 2 * services }, (_, i) => `10.97.${i >> 7}.${i & 127}`)
  const mixed = addresses.toSorted(() => random.below(3) - 1)
  const old = random.chance(0.5)
  const nat = mixed.slice(0, services).flatMap((address, i) => {
    const about = `-d ${address}/32 -p tcp -m comment --comment "ns/s-${i}:http cluster IP" -m tcp --dport ${i + 1}`
    return [
      `:KUBE-SVC-Z${i} - [0:0]`,
      `:KUBE-SEP-Z${i} - [0:0]`,
      ...(old ? [`-A KUBE-SERVICES ! -s 10.42.0.0/16 ${about} -j KUBE-MARK-MASQ`] : []),
      `-A KUBE-SERVICES ${about} -j KUBE-SVC-Z${i}`,
      ...(old ? [] : [`-A KUBE-SVC-Z${i} ! -s 10.42.0.0/16 ${about} -j KUBE-MARK-MASQ`]),
      `-A KUBE-SVC-Z${i} -m comment --comment "ns/s-${i}:http" -j KUBE-SEP-Z${i}`,
      `-A KUBE-SEP-Z${i} -s 10.42.1.10/32 -m comment --comment "ns/s-${i}:http" -j KUBE-MARK-MASQ`,
      `-A KUBE-SEP-Z${i} -p tcp -m comment --comment "ns/s-${i}:http" -m tcp -j DNAT --to-destination 10.42.${i % 3}.10:8080`,
    ]
  })
  const idle = mixed
    .slice(services)
    .map(
      (address, i) =>
        `-A KUBE-SERVICES -d ${address}/32 -p tcp -m comment --comment "ns/idle-${i}:http has no endpoints" -m tcp --dport ${i + 1} -j REJECT --reject-with icmp-port-unreachable`,
    )
  const some = extended(
    rules,
    'nat',
    [
      ':PREROUTING ACCEPT [0:0]',
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-MARK-MASQ - [0:0]',
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    ],
    nat,
  )
  const all = extended(
    some,
    'filter',
    [
      ':KUBE-SERVICES - [0:0]',
      '-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ],
    idle,
  )
  return all.replace(/^(?:\[\d+:\d+\] )?-A /gm, '[0:0] -A ')
}

/** What placement and checks find out of the rules of a host. */
function answers(state: HostState, intent: ForwardIntent): unknown {
  const placement = findPosition(state, intent)
  const position = placement.kind === 'placed' ? placement.position : 1
  return {
    placement,
    lost: lostOutboundAccess(state, intent, position),
    published: lostPublishedPorts(state, intent, position),
    open: reachableClusterIp(state, intent, position),
    stop: podStop(state, intent)?.rule?.raw,
    unguarded: unguardedInterfaces(state, intent, {
      forwards: true,
      addresses: [],
      sources: [],
      temporary: [],
      routes: [],
    }),
  }
}

function stateOf(text: string, from: HostState): HostState {
  return { ...from, ruleset: parseRuleset(text), leftOut: readLeftOut(answerOf({ rules: text })) }
}

describe('rules that a large host leaves out', () => {
  it.each(cases.filter((_, index) => long || index % 3 === 0))(
    'change nothing: %s',
    (name, { rules, state, wanted }) => {
      const text = withServices(rules, name.length)
      const whole = stateOf(text, state)
      const few = stateOf(fewOf(text), state)
      expect(few.leftOut?.length).toBeGreaterThanOrEqual(2 * (services - maxServices))
      expect(mayMeetLeftOut(few, wanted)).toBe(false)
      expect(answers(few, wanted)).toEqual(answers(whole, wanted))
    },
  )
})

describe('mayMeetLeftOut', () => {
  const rules = (nat = '') =>
    `*nat\n:PREROUTING ACCEPT [0:0]\n${nat}\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n`
  const meets = (address: string, nat = '', about: Partial<ForwardIntent> = {}): boolean => {
    const state = { ruleset: parseRuleset(rules(nat)), sets: new Map(), fingerprint: '' }
    const leftOut = ['10.97.0.9', address, '10.97.200.1']
    return mayMeetLeftOut({ ...state, leftOut }, { ...intent, ...about })
  }

  it('holds for an address of a pod, of the host, of a node, behind a route, or that nat publishes', () => {
    expect(meets('10.97.0.1')).toBe(false)
    expect(meets('10.42.255.255')).toBe(true)
    expect(meets('192.0.2.11')).toBe(true)
    expect(meets('192.0.2.200')).toBe(true)
    expect(meets('203.0.113.77')).toBe(true)
    expect(meets('10.97.0.1', '', { members: ['10.97.0.1'] })).toBe(true)
    const dnat = '-j DNAT --to-destination 10.42.1.10'
    expect(meets('10.97.0.1', `-A PREROUTING -d 10.97.0.1/32 ${dnat}`)).toBe(true)
    expect(meets('10.97.0.1', `-A PREROUTING -d 10.97.0.2/32 ${dnat}`)).toBe(false)
    expect(meets('10.97.0.1', `-A PREROUTING -d 10.97.0.0/30 ${dnat}`)).toBe(true)
    expect(meets('10.97.0.1', '-A PREROUTING ! -d 127.0.0.0/8 -j RETURN')).toBe(false)
  })

  it('holds for nothing where no rule was left out', () => {
    const state = { ruleset: parseRuleset(rules()), sets: new Map(), fingerprint: '' }
    expect(mayMeetLeftOut(state, intent)).toBe(false)
    expect(mayMeetLeftOut({ ...state, leftOut: [] }, intent)).toBe(false)
  })
})
