import { parseRange, type Range } from '../../ip/ranges.ts'
import type { Rule } from '../../iptables/rule.ts'
import { type Ruleset, rulesOf } from '../../iptables/ruleset.ts'
import { inside } from '../host/routing.ts'

/** FORWARD as it will be when somebody has put his rules back where he wants them; ours stays between those of others. */
export interface Future {
  /** What brings it about, as the end of a sentence. */
  readonly when: string
  /** A place must be good then as well, `soon` or `sometime`; `told`: otherwise it is only told that it will not be. */
  readonly comes: 'soon' | 'sometime' | 'told'
  /** The very ruleset of now, if no rule moves. */
  readonly ruleset: Ruleset
  /** Where a rule stands then that stands at a place now. */
  readonly placeThen: (place: number) => number
  /** Whether rules of others come to stand on the other side of one at a place. */
  readonly crosses: (place: number) => boolean
}

/**
 * What becomes of FORWARD. Within minutes Felix and kube-router put the jumps to their chains back on top, and Felix its
 * own accepting rules at the end (felix/iptables/table.go); docker puts its jumps on top when it starts; flannel appends
 * its rules anew when it starts, and then Felix its own behind them.
 */
export function futuresOf(bare: Ruleset, podNetworks: readonly Range[]): readonly Future[] {
  const rules = rulesOf(bare, 'filter', 'FORWARD')
  const felix = rules.filter((rule) => isFelixs(rule) || jumpsTo(rule, /^cali-FORWARD$/))
  const jumps = felix.filter((rule) => jumpsTo(rule, /^cali-FORWARD$/))
  const down = appends(rules, felix) ? felix : felix.filter((rule) => !jumps.includes(rule))
  const up = rules.filter(
    (rule) => jumpsTo(rule, /^(cali|KUBE-ROUTER)-FORWARD$/) && !down.includes(rule),
  )
  const docker = rules.filter((rule) => jumpsTo(rule, dockers))
  const flannel = rules.filter((rule) => isFlannels(rule, podNetworks))
  const moved = (top: readonly Rule[], end: readonly Rule[]): Omit<Future, 'when' | 'comes'> =>
    arranged(bare, rules, top, end)
  const futures: readonly Future[] = [
    { ...moved(up, down), comes: 'soon', when: 'once Felix or kube-router has put its rules back' },
    {
      ...{ ...moved([...up, ...docker], down), comes: 'sometime' },
      when: 'once docker restarts and puts its chains on top',
    },
    {
      ...{ ...moved(up, [...flannel, ...down]), comes: 'told' },
      when: 'once flannel restarts and appends its rules anew',
    },
  ]
  const owners = [up.length + down.length, docker.length, flannel.length]
  return futures.filter((_, index) => owners[index] !== 0)
}

/** The jumps that docker makes anew at the top of FORWARD (moby, libnetwork/firewall_linux.go). */
const dockers = /^DOCKER-(USER|FORWARD|INGRESS|ISOLATION|ISOLATION-STAGE-1)$/

function jumpsTo({ target }: Rule, chain: RegExp): boolean {
  return chain.test(target?.name ?? '')
}

function isFelixs({ words }: Rule): boolean {
  return words.some((word) => word.startsWith('cali:'))
}

/** Whether Felix appends its jump (ChainInsertMode): rules of others stand above it, and its own right behind it. */
function appends(rules: readonly Rule[], felix: readonly Rule[]): boolean {
  const first = rules.findIndex((rule) => felix.includes(rule))
  const others = rules.slice(0, first).filter((rule) => !jumpsTo(rule, dockers))
  const own = rules.slice(first, first + felix.length)
  return felix.length > 1 && others.length > 0 && own.every((rule) => felix.includes(rule))
}

/** Flannel accepts the pod network from and to, in FORWARD or in a chain of its own. */
function isFlannels(rule: Rule, podNetworks: readonly Range[]): boolean {
  if (jumpsTo(rule, /^FLANNEL-FWD$/)) return true
  const [match, ...others] = rule.matches.filter(
    (one) => one.kind !== 'module' || one.module !== 'comment',
  )
  if (rule.target?.name !== 'ACCEPT' || others.length > 0) return false
  if ((match?.kind !== 'source' && match?.kind !== 'destination') || match.negated) return false
  const range = parseRange(match.cidr)
  return range !== undefined && podNetworks.some((network) => inside(network, range))
}

function arranged(
  bare: Ruleset,
  now: readonly Rule[],
  top: readonly Rule[],
  end: readonly Rule[],
): Omit<Future, 'when' | 'comes'> {
  const [rising, falling] = [new Set(top), new Set(end)]
  const stays = (rule: Rule): boolean => !rising.has(rule) && !falling.has(rule)
  const then = [...top, ...now.filter(stays), ...end]
  // By the number of rules before a place, as slices would tell for each anew.
  const staying = [0]
  for (const rule of now) staying.push((staying.at(-1) ?? 0) + (stays(rule) ? 1 : 0))
  const lastRising = now.findLastIndex((rule) => rising.has(rule))
  const firstFalling = now.findIndex((rule) => falling.has(rule))
  return {
    ruleset: then.every((rule, index) => rule === now[index]) ? bare : withForward(bare, then),
    placeThen: (place) => top.length + (staying[place - 1] ?? 0) + 1,
    crosses: (place) => lastRising >= place - 1 || (firstFalling >= 0 && firstFalling < place - 1),
  }
}

function withForward(bare: Ruleset, rules: readonly Rule[]): Ruleset {
  const filter = bare.tables.get('filter')
  const forward = filter?.get('FORWARD')
  if (!filter || !forward) return bare
  const chains = new Map([...filter, ['FORWARD', { ...forward, rules }]])
  return { ...bare, tables: new Map([...bare.tables, ['filter', chains]]) }
}
